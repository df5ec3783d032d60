package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) assetsCommand() *cobra.Command {
	return group("assets", "The hashed assets of a release and the bucket: sync, verify, list", a.assetsSync(), a.assetsVerify(), a.assetsList())
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

func (a *app) assetsVerify() *cobra.Command {
	g, asJSON := &globals{}, false
	c := &cobra.Command{Use: "verify", Short: "Compare a version's assets with the bucket; exit 1 when some are missing", Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "print data")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, w *world, e *deploy.Engine) error {
			if err := noAssets(e.Config); err != nil {
				return err
			}
			r, err := e.VerifyAssets(ctx, w.Version)
			if err == nil {
				err = a.showReport(r, asJSON || g.output == "json")
			}
			if err == nil && len(r.Missing) > 0 {
				err = &missingError{bucket: e.Config.Extension.Assets.Bucket, missing: len(r.Missing), of: len(r.Files)}
			}
			return err
		})
	}
	return c
}

func (a *app) showReport(r assets.Report, asJSON bool) error {
	if asJSON {
		return a.printJSON(r)
	}
	for _, key := range r.Missing {
		if _, err := fmt.Fprintln(a.stdout, "missing "+key); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.stdout, "%d of %d files are in the bucket\n", len(r.Files)-len(r.Missing), len(r.Files))
	return err
}

// missingError is a release of which the bucket lacks files.
type missingError struct {
	bucket      string
	missing, of int
}

func (e *missingError) Error() string {
	return fmt.Sprintf("bucket %s lacks %d of %d files", e.bucket, e.missing, e.of)
}

func (e *missingError) Hints() []string {
	return []string{"`hwdeploy assets sync --full` sends them"}
}

func (a *app) assetsList() *cobra.Command {
	g, asJSON := &globals{}, false
	c := &cobra.Command{Use: "list", Short: "The files of a version that belong into the bucket", Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "print data")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, w *world, e *deploy.Engine) error {
			if err := noAssets(e.Config); err != nil {
				return err
			}
			found, err := e.ListAssets(ctx, w.Version)
			if err != nil {
				return err
			}
			if asJSON || g.output == "json" {
				return a.printJSON(found.Files)
			}
			t := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
			rows := "KEY\tBYTES\tTYPE\n"
			for _, f := range found.Files {
				rows += fmt.Sprintf("%s\t%d\t%s\n", f.Key, f.Size, f.Type)
			}
			if _, err := fmt.Fprint(t, rows); err != nil {
				return err
			}
			return t.Flush()
		})
	}
	return c
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
