package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// change is a command that does one thing to the hosts, under the lock.
func (a *app) change(name, short string, maker func(g *globals, args []string) plan.Maker) *cobra.Command {
	g, dry := &globals{}, false
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVar(&dry, "dry-run", false, "show the plan and change nothing")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if dry {
			return a.showAct(cmd, g, maker(g, args))
		}
		return a.act(cmd, g, maker(g, args))
	}
	return c
}

// act makes a plan under the lock and carries it out.
func (a *app) act(cmd *cobra.Command, g *globals, make plan.Maker) error {
	j := job{app: a, g: g, cmd: cmd}
	j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
		r := j.unversioned(cmd.CommandPath()[len(cmd.Root().Name())+1:])
		// The version stands in the lock and is told to hooks; a folder without
		// commits has none.
		r.Version, _ = w.appVersion(ctx, cfg) //nolint:errcheck // see above
		return r, nil
	}
	j.run = func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
		return e.Act(ctx, hard, r, make)
	}
	return j.do(cmd.Context())
}

func (a *app) showAct(cmd *cobra.Command, g *globals, make plan.Maker) error {
	g.skipHooks = true // a plan runs nothing of the user's
	return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
		p, err := e.PlanAct(ctx, deploy.Request{SkipHooks: g.skipHooks}, make)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(a.stdout, p.Text())
		return err
	})
}
