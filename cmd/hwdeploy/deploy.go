package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// rolloutFlags are those of deploy and its kin.
type rolloutFlags struct {
	globals
	skipPush, noCache, build, noReturn, strict, dryRun, ifChanged bool
}

func (f *rolloutFlags) bindRollout(c *cobra.Command) {
	c.Flags().BoolVarP(&f.skipPush, "skip-push", "P", false, "boot an image that was pushed before")
	c.Flags().BoolVar(&f.noCache, "no-cache", false, "build without the builder's cache")
	c.Flags().BoolVar(&f.build, "build", false, "build also when the registry has the same image")
	c.Flags().BoolVar(&f.noReturn, "no-return", false, "when a later host fails, leave those that succeeded on the new version")
	c.Flags().BoolVar(&f.strict, "strict", false, "stop when the hosts change between the forecast and the lock")
	c.Flags().BoolVar(&f.ifChanged, "if-changed", false, "do nothing when every host serves this version, made as it would be made now")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "show the plan and change nothing")
}

func (f *rolloutFlags) fill(r *deploy.Request) {
	r.SkipPush, r.NoCache, r.Build = f.skipPush, f.noCache, f.build
	r.NoReturn, r.Strict, r.IfChanged = f.noReturn, f.strict, f.ifChanged
}

func (a *app) deployCommand() *cobra.Command {
	return a.kamalDeploy("deploy", "Build, push and boot, as Kamal's bare deploy")
}

func (a *app) redeployCommand() *cobra.Command {
	return a.kamalDeploy("redeploy", "Deploy without looking after the proxy and without pruning")
}

// setupCommand is a deploy that first makes hosts ready.
func (a *app) setupCommand() *cobra.Command {
	return a.kamalDeploy("setup", "Install Docker where it is missing, boot all accessories, deploy")
}

func (a *app) kamalDeploy(name, short string) *cobra.Command {
	f := &rolloutFlags{}
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	f.bind(c, true)
	f.bindRollout(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.dryRun {
			v := preview{g: &f.globals, cmd: cmd, request: deploy.Request{Command: name, SkipHooks: f.skipHooks}}
			f.fill(&v.request)
			return a.showPlan(cmd.Context(), v)
		}
		j := job{app: a, g: &f.globals, cmd: cmd, run: deployed}
		if name == "setup" {
			j.run = live((*deploy.Engine).Setup)
		}
		j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
			r, err := j.request(ctx, w, cfg, name)
			f.fill(&r)
			return r, err
		}
		return j.do(cmd.Context())
	}
	return c
}
