package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) assetsVerify() *cobra.Command {
	g, asJSON := &globals{}, false
	c := &cobra.Command{Use: "verify", Short: "Compare a version's assets with the bucket; exit 1 when some are missing", Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
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
		return a.data(r)
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
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
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
				return a.data(found.Files)
			}
			rows := [][]string{{"KEY", "BYTES", "TYPE"}}
			for _, f := range found.Files {
				rows = append(rows, []string{f.Key, fmt.Sprint(f.Size), f.Type})
			}
			return a.table(rows)
		})
	}
	return c
}
