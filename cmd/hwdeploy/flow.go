package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// flowFlags are those of the guidebook's flow.
type flowFlags struct {
	rolloutFlags
	migrate, skipMigrate, noMigrate bool
	allowDirty                      bool
	inWorktree                      worktreeFlag
	yes, nonInteractive             bool
	extras                          deploy.Extras
}

// flowCommand is `hwdeploy <destination>`.
func (a *app) flowCommand(name string) *cobra.Command {
	f := &flowFlags{}
	c := &cobra.Command{Use: name, Short: "The whole flow: gate, build, push, migrate, swap", Args: cobra.NoArgs, Annotations: map[string]string{"flow": "yes"}}
	f.bind(c, false)
	f.bindRollout(c)
	f.bindFlow(c.Flags())
	c.MarkFlagsMutuallyExclusive("purge-full", "skip-cache-purge")
	c.MarkFlagsMutuallyExclusive("in-worktree", "dry-run") // the plan makes no worktree, and would be of this tree
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := a.selectDestination(&f.globals, "hwdeploy", name); err != nil {
			return err
		}
		return a.runFlow(cmd, f)
	}
	return c
}

// bindFlow adds the flags that only the flow has.
func (f *flowFlags) bindFlow(fl *pflag.FlagSet) {
	fl.BoolVar(&f.migrate, "migrate", false, "accepted for compatibility: migrations always run")
	fl.BoolVar(&f.skipMigrate, "skip-migrate", false, "do not migrate before the swap")
	fl.BoolVar(&f.noMigrate, "no-migrate", false, "the same as --skip-migrate")
	fl.BoolVar(&f.allowDirty, "allow-dirty", false, "ship the working tree as it is; the image matches no commit")
	fl.Var(&f.inWorktree, "in-worktree", "ship the pushed branch from a throw-away worktree")
	fl.Lookup("in-worktree").NoOptDefVal = configuredWorktree
	fl.BoolVar(&f.extras.Everything, "purge-full", false, "purge the whole zone")
	fl.BoolVar(&f.extras.NoPurge, "skip-cache-purge", false, "purge nothing")
	fl.BoolVarP(&f.extras.Worker, "deploy-edge-worker", "e", false, "also deploy the edge worker")
	fl.BoolVarP(&f.extras.Redirects, "upload-bulk-redirects", "r", false, "also upload the bulk redirects")
	fl.BoolVarP(&f.yes, "yes", "y", false, "ask nothing; so it is without a terminal")
	fl.BoolVar(&f.nonInteractive, "non-interactive", false, "the same as --yes")
}

func (a *app) runFlow(cmd *cobra.Command, f *flowFlags) error {
	if f.dryRun {
		return a.showPlan(cmd.Context(), f.preview(cmd))
	}
	j := job{app: a, g: &f.globals, cmd: cmd, run: deployed}
	j.gate = func(ctx context.Context, w *world, cfg *config.Config) (string, error) {
		if err := errors.Join(a.menu(ctx, f, cfg), f.fits(cfg)); err != nil {
			return "", err
		}
		if f.inWorktree == "" {
			w.ahead(ctx, cfg)
		}
		return f.gate(ctx, w, cfg)
	}
	j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
		r, err := j.request(ctx, w, cfg, "deploy")
		f.ask(&r)
		f.say(w)
		return r, err
	}
	return j.do(cmd.Context())
}

// ask fills in what the flags ask for.
func (f *flowFlags) ask(r *deploy.Request) {
	f.fill(r)
	r.Flow, r.Migrate, r.Extras = true, !f.skipMigrate && !f.noMigrate, f.extras
}

// preview is what --dry-run shows.
func (f *flowFlags) preview(cmd *cobra.Command) preview {
	v := preview{g: &f.globals, cmd: cmd, fits: f.fits, request: deploy.Request{Command: "deploy", SkipHooks: f.skipHooks}}
	f.ask(&v.request)
	return v
}

// say tells what the flags mean where it is not what one would think.
func (f *flowFlags) say(w *world) {
	if f.migrate {
		w.notice("--migrate changes nothing: migrations always run")
	}
}
