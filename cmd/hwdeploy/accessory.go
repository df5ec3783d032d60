package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) accessoryCommand() *cobra.Command {
	return group("accessory", "Databases and the like beside the app",
		a.accessoryChange("boot", "Boot a new container; all boots all accessories"),
		a.accessoryChange("reboot", "Replace the container by a new one of a fresh image"),
		a.accessoryChange("start", "Start the container that is there"),
		a.accessoryChange("stop", "Stop the container"),
		a.accessoryChange("restart", "Stop, then start the container"),
		a.accessoryRemove(),
		hidden(a.accessoryChange("directories", "Make the directories on the hosts")),
		hidden(a.accessoryChange("upload", "Upload the files to the hosts")),
		hidden(a.accessoryChange("pull_image", "Pull the image")),
		hidden(a.accessoryChange("remove_container", "Remove the stopped container")),
		hidden(a.accessoryChange("remove_image", "Remove the image")),
		hidden(a.accessoryChange("remove_service_directory", "Remove files and data")),
		a.accessoryDetails(), a.accessoryExec(), a.accessoryLogs(),
		refused("upgrade"),
	)
}

// hidden is a command that help does not list, as with Kamal.
func hidden(c *cobra.Command) *cobra.Command {
	c.Hidden = true
	return c
}

// accessoryNames are those that a command line's NAME stands for: one, or all
// that are on the selected hosts.
func accessoryNames(e *deploy.Engine, name string) []string {
	if name != "all" {
		return []string{name}
	}
	return e.AccessoriesHere()
}

// accessoryChange is a command that changes an accessory, or all.
func (a *app) accessoryChange(name, short string) *cobra.Command {
	g, dry := &globals{}, false
	c := &cobra.Command{Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1)}
	g.bind(c, true)
	c.Flags().BoolVar(&dry, "dry-run", false, "show the plan and change nothing")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if dry {
			return a.showAccessories(cmd, g, args[0])
		}
		return a.changeAccessories(cmd, g, args[0])
	}
	return c
}

func (a *app) changeAccessories(cmd *cobra.Command, g *globals, name string) error {
	j := job{app: a, g: g, cmd: cmd}
	j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
		return j.perhapsVersioned(ctx, w, cfg, "accessory "+cmd.Name()), nil
	}
	j.run = func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
		return e.Accessories(ctx, hard, r, cmd.Name(), accessoryNames(e, name))
	}
	return j.do(cmd.Context())
}

func (a *app) showAccessories(cmd *cobra.Command, g *globals, name string) error {
	g.skipHooks = true // a plan runs nothing of the user's
	return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
		p, err := e.PlanAccessories(ctx, deploy.Request{SkipHooks: true}, cmd.Name(), accessoryNames(e, name))
		if err == nil {
			_, err = fmt.Fprint(a.stdout, p.Text())
		}
		return err
	})
}

func (a *app) accessoryRemove() *cobra.Command {
	c := a.accessoryChange("remove", "Remove container, image, files and data")
	a.confirmed(c, "This will remove all containers, images and data directories. Are you sure?")
	return c
}

// refused is a command of Kamal's that moves hosts from Kamal 1 to Kamal 2.
func refused(name string) *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: name, Short: "Kamal 1's hosts: refused, Kamal 2 does it", Args: cobra.ArbitraryArgs}
	g.bind(c, true)
	c.Flags().BoolP("confirmed", "y", false, "no meaning here")
	c.Flags().Bool("rolling", false, "no meaning here")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return usage("%s moves hosts from Kamal 1 to Kamal 2, which hwdeploy does not do\n"+
			"  run Kamal 2's own `kamal %s` once (https://kamal-deploy.org/docs/upgrading/overview/); from then on hwdeploy takes over",
			cmd.CommandPath(), cmd.CommandPath()[len("hwdeploy "):])
	}
	return c
}
