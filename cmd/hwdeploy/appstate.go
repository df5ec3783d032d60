package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

func (a *app) appStart() *cobra.Command {
	return a.change("start", "Start the stopped containers; default: what served last", func(g *globals, _ []string) plan.Maker { return plan.AppStart(g.version) })
}

func (a *app) appStop() *cobra.Command {
	return a.change("stop", "Stop the app: off the proxy, then its containers", func(*globals, []string) plan.Maker { return plan.AppStop })
}

func (a *app) appLive() *cobra.Command {
	return a.change("live", "End maintenance", func(*globals, []string) plan.Maker {
		return plan.AppPause("app live", func(in plan.Input, role string) string {
			return resolve.App(in.Config).Role(role).ResumeLine()
		})
	})
}

func (a *app) appMaintenance() *cobra.Command {
	m := maintenance{}
	c := a.change("maintenance", "Answer requests with 503 until app live", func(*globals, []string) plan.Maker {
		return plan.AppPause("app maintenance", m.line)
	})
	m.bind(c)
	return c
}

// maintenance are the flags of app maintenance.
type maintenance struct {
	flags   *pflag.FlagSet
	drain   int
	message string
}

func (m *maintenance) bind(c *cobra.Command) {
	m.flags = c.Flags()
	m.flags.IntVar(&m.drain, "drain-timeout", 0, "seconds that requests under way may take; default: drain_timeout")
	m.flags.StringVar(&m.message, "message", "", "text of the page")
}

func (m *maintenance) line(in plan.Input, role string) string {
	seconds := in.Config.DrainTimeout
	if m.flags.Changed("drain-timeout") { // also to nought
		seconds = m.drain
	}
	return resolve.App(in.Config).Role(role).MaintenanceLine(strconv.Itoa(seconds), m.message)
}

// The parts of app remove.
var (
	removeAll        = plan.Removing{Stop: true, Containers: true, Images: true, Folders: true}
	removeContainers = plan.Removing{Containers: true}
	removeImages     = plan.Removing{Images: true}
	removeFolders    = plan.Removing{Folders: true}
)

func (a *app) appRemove() *cobra.Command {
	return a.change("remove", "Stop the app and remove its containers, images and files", func(*globals, []string) plan.Maker { return plan.AppRemove(removeAll) })
}

// appRemovePart is a part of app remove, hidden as with Kamal.
func (a *app) appRemovePart(use, short string, args cobra.PositionalArgs, what plan.Removing) *cobra.Command {
	c := a.change(use, short, func(_ *globals, args []string) plan.Maker {
		if len(args) == 1 {
			what.Version = args[0]
		}
		return plan.AppRemove(what)
	})
	c.Args, c.Hidden = args, true
	return c
}

func (a *app) appStale() *cobra.Command {
	g, asData, stop := &globals{}, false, false
	c := &cobra.Command{Use: "stale_containers", Short: "Containers that run and do not serve", Args: cobra.NoArgs}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.Flags().BoolVarP(&stop, "stop", "s", false, "stop them")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if stop {
			return a.act(cmd, g, plan.AppStale)
		}
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			said, err := e.AppStale(ctx)
			return errors.Join(a.answer(g, "App", said, asData || g.output == "json"), err)
		})
	}
	return c
}
