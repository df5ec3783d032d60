package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

func (a *app) configCommand() *cobra.Command {
	g, f := &globals{}, factFlags{}
	c := &cobra.Command{
		Use: "config", Short: "The resolved configuration, as Kamal prints it, or every fact of it", Args: cobra.NoArgs,
		Long: "Prints what Kamal's config prints. With --facts it prints each resolved fact as `name[subject] = value`,\n" +
			"one a line; facts that hold secrets print asterisks unless --show-secrets is given.",
	}
	g.bind(c, true)
	c.Flags().BoolVar(&f.all, "facts", false, "print facts")
	c.Flags().StringArrayVar(&f.names, "fact", nil, "only the facts of this name, or this name[subject]; may be repeated")
	c.Flags().BoolVar(&f.showSecrets, "show-secrets", false, "print secrets in the clear")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		w := g.in(a, cmd)
		if f.all || len(f.names) > 0 {
			return a.printFacts(cmd.Context(), w, f)
		}
		return a.printConfig(cmd.Context(), w, f.showSecrets)
	}
	return c
}

// printConfig prints what Kamal's config prints; keys are shown only on demand.
func (a *app) printConfig(ctx context.Context, w *world, showSecrets bool) error {
	cfg, err := w.load(ctx)
	if err != nil {
		return err
	}
	shown, out := config.Shown{Logging: resolve.LogArgs(cfg.Logging)}, a.stdout
	if shown.Version, err = w.appVersion(ctx, cfg); err != nil {
		return &factError{err}
	}
	if showSecrets {
		out = a.open
		if shown.KeyData, err = w.keyData(ctx, cfg); err != nil {
			return err
		}
	}
	v, err := cfg.ConfigOutput(shown)
	if err != nil {
		return &factError{err}
	}
	a.flush()
	_, err = out.Write(config.EmitYAML(v))
	return err
}

// keyData are the private keys of the ssh section, in the clear.
func (w *world) keyData(ctx context.Context, cfg *config.Config) ([]string, error) {
	box := w.secrets(cfg)
	var keys []string
	for _, k := range cfg.SSH.KeyData {
		v, err := box.Lookup(ctx, k.Value)
		if err != nil {
			return nil, fmt.Errorf("ssh/key_data: %w", err)
		}
		keys = append(keys, v.Reveal())
	}
	return keys, nil
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "JSON Schema of deploy.yml, for editors", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s\n", text)
			return err
		},
	}
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Write a first config/deploy.yml, .kamal/secrets and sample hooks", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			made, err := config.Init(a.dir)
			for _, f := range made {
				if _, e := fmt.Fprintln(a.stdout, "created "+f); e != nil {
					return e
				}
			}
			if err == nil && !slices.Contains(made, config.DefaultFile) {
				return fmt.Errorf("%s is there and was left as it is; remove it first to get a new one", config.DefaultFile)
			}
			return err
		},
	}
}
