package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

func (a *app) rollbackCommand() *cobra.Command {
	f := &rolloutFlags{}
	c := &cobra.Command{
		Use: "rollback [version]", Short: "Boot a version that the hosts have; without an argument the previous one", Args: cobra.MaximumNArgs(1),
	}
	f.bind(c, true)
	c.Flags().BoolVar(&f.noReturn, "no-return", false, "when a later host fails, leave those that succeeded on the old version")
	restart := false
	c.Flags().BoolVar(&restart, "restart", false, "start the stopped containers as they are, with the env inside them: no secrets, no registry")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "show the plan and change nothing")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if f.dryRun {
			v := preview{g: &f.globals, cmd: cmd, request: deploy.Request{SkipHooks: f.skipHooks, Restart: restart, Version: strings.Join(args, "")}}
			v.plan = func(e *deploy.Engine, ctx context.Context, r deploy.Request) (plan.Plan, error) {
				e.Choose, e.CompareEnv = a.chooser(&f.globals), !restart
				return e.PlanRollback(ctx, r)
			}
			return a.showPlan(cmd.Context(), v)
		}
		j := job{app: a, g: &f.globals, cmd: cmd}
		j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
			r := j.unversioned("rollback")
			r.Head = j.perhapsVersioned(ctx, w, cfg, "rollback").Version // it needs no checkout
			r.NoReturn, r.Restart = f.noReturn, restart
			if len(args) == 1 {
				r.Version = args[0]
			}
			return r, nil
		}
		j.run = func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
			e.Choose = a.chooser(&f.globals)
			return e.Rollback(ctx, hard, r)
		}
		return j.do(cmd.Context())
	}
	return c
}
