package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) assetsCommand() *cobra.Command {
	return group("assets", "The hashed assets of a release and the bucket", a.assetsSync(), a.assetsVerify(), a.assetsList())
}

// noAssets is a configuration without the part that a command is about.
func noAssets(cfg *config.Config) error {
	if cfg.Extension.Assets != nil {
		return nil
	}
	return &assets.ConfigError{Key: "bucket", Text: "no assets are configured"}
}

func (a *app) assetsSync() *cobra.Command {
	g, full, from := &globals{}, false, ""
	c := &cobra.Command{
		Use: "sync", Short: "Send the hashed assets that the bucket lacks; deletes nothing", Args: cobra.NoArgs,
		Long: "Sends what the bucket lacks of a version's assets, read from its image on the primary host.\n" +
			"Without --version it is the version that serves. It may be repeated at any time.",
	}
	g.bind(c, true)
	c.Flags().BoolVar(&full, "full", false, "trust no manifest: compare with the keys of the bucket")
	c.Flags().StringVar(&from, "from", "", "send the files of a folder on this machine, not those of an image")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if from != "" {
			return a.syncFolder(cmd, g, from, full)
		}
		j := job{app: a, g: g, cmd: cmd, run: func(ctx, _ context.Context, e *deploy.Engine, r deploy.Request) error {
			return e.SyncAssets(ctx, r.Version, full)
		}}
		j.make = func(_ context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
			r := j.unversioned("assets sync")
			r.Version = w.Version
			return r, noAssets(cfg)
		}
		return j.do(cmd.Context())
	}
	return c
}

// syncFolder sends the files of a folder of this machine: what a build made.
func (a *app) syncFolder(cmd *cobra.Command, g *globals, folder string, full bool) error {
	return a.withBucket(cmd, g, []string{folder}, func(ctx context.Context, b *assets.Bucket) error {
		r, err := b.Sync(ctx, assets.Dir{}, assets.SyncOptions{Name: folder, Full: full, Warn: func(text string) {
			fmt.Fprintln(a.stderr, "warning: "+text) //nolint:errcheck // nothing can be told when this fails
		}})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, r)
		return err
	})
}

// withBucket runs f on the bucket, without a host.
func (a *app) withBucket(cmd *cobra.Command, g *globals, folders []string, f func(context.Context, *assets.Bucket) error) error {
	ctx, _, stop := a.interrupts(cmd.Context())
	defer stop()
	w := g.in(a, cmd)
	cfg, err := w.load(ctx)
	if err != nil {
		return err
	}
	if err := noAssets(cfg); err != nil {
		return err
	}
	b, err := w.bucket(ctx, cfg.Extension.Assets, secrets{w.vault(cfg)}, folders)
	if err != nil {
		return err
	}
	return f(ctx, b)
}
