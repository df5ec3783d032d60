package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// appBoot is Kamal's app boot: the rollout alone, by default of the version that
// the latest tag names.
func (a *app) appBoot() *cobra.Command {
	f := &rolloutFlags{}
	c := &cobra.Command{Use: "boot", Short: "Boot a version that the hosts have; default: the latest tag", Args: cobra.NoArgs}
	f.bind(c, true)
	c.Flags().BoolVar(&f.noReturn, "no-return", false, "when a later host fails, leave those that succeeded")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		j := job{app: a, g: &f.globals, cmd: cmd, run: deployed}
		j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
			if w.Version == "" {
				w.Version = cfg.LatestTag()
			}
			r, err := j.request(ctx, w, cfg, "boot")
			r.NoReturn = f.noReturn
			return r, err
		}
		return j.do(cmd.Context())
	}
	return c
}
