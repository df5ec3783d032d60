package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) appCommand() *cobra.Command {
	return group("app", "The app's containers",
		a.appBoot(), a.appStart(), a.appStop(), a.appExec(), a.appLogs(), a.appVersions(), a.appStale(),
		a.appLive(), a.appMaintenance(), a.appRemove(),
		a.appRemovePart("remove_container VERSION", "Remove the stopped containers of one version", cobra.ExactArgs(1), removeContainers),
		a.appRemovePart("remove_containers", "Remove all stopped containers", cobra.NoArgs, removeContainers),
		a.appRemovePart("remove_images", "Remove the app's images", cobra.NoArgs, removeImages),
		a.appRemovePart("remove_app_directories", "Remove what the app keeps in files", cobra.NoArgs, removeFolders),
		question("details", "The running containers of each role", "App", (*deploy.Engine).AppDetails).command(a),
		question("containers", "All containers of the app", "App", (*deploy.Engine).AppContainers).command(a),
		question("images", "The app's images", "App", (*deploy.Engine).AppImages).command(a),
		query{"version", "The version that serves", "App", func(ctx context.Context, e *deploy.Engine, _ bool) ([]deploy.Said, error) {
			return e.AppVersion(ctx)
		}}.command(a),
	)
}

func (a *app) appVersions() *cobra.Command {
	g, asData := &globals{}, false
	c := &cobra.Command{Use: "versions", Short: "Deployed versions: when, where, live or stopped", Args: cobra.NoArgs, Annotations: ourOwn}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			all, err := e.AppVersions(ctx)
			if err != nil {
				return err
			}
			if asData || g.output == "json" {
				return a.data(all)
			}
			rows := [][]string{{"VERSION", "HOST", "ROLE", "CREATED", "STATE"}}
			for _, d := range all {
				rows = append(rows, []string{d.Version, d.Host, d.Role, stamp(d.When), d.State})
			}
			return a.table(rows)
		})
	}
	return c
}
