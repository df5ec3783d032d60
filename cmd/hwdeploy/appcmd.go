package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) appCommand() *cobra.Command {
	return group("app", "The app's containers: exec, logs, versions …",
		a.appBoot(), a.appExec(), a.appLogs(), a.appVersions(),
		a.appAsk("details", "The running containers of each role", (*deploy.Engine).AppDetails),
		a.appAsk("containers", "All containers of the app", (*deploy.Engine).AppContainers),
		a.appAsk("images", "The app's images", (*deploy.Engine).AppImages),
		a.appAsk("version", "The version that serves", (*deploy.Engine).AppVersion),
	)
}

// appAsk is a command that prints what every host says.
func (a *app) appAsk(name, short string, ask func(*deploy.Engine, context.Context) ([]deploy.Said, error)) *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			all, err := ask(e, ctx)
			for _, s := range all {
				err = errors.Join(err, a.byHost(g, s))
			}
			return err
		})
	}
	return c
}

// byHost prints what a host said as Kamal does.
func (a *app) byHost(g *globals, s deploy.Said) error {
	if s.Host == "" {
		return nil
	}
	header := "App Host: " + s.Host + "\n"
	if g.quiet {
		header = ""
	}
	_, err := fmt.Fprintf(a.stdout, "%s%s\n\n", header, strings.TrimRight(s.Text, "\n"))
	return err
}

func (a *app) appVersions() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "versions", Short: "Deployed versions: when, where, live or stopped", Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			all, err := e.AppVersions(ctx)
			if err != nil {
				return err
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
