package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
		keys, err := w.keyData(ctx, cfg, w.secrets(cfg))
		if err != nil {
			return err
		}
		for _, k := range keys {
			shown.KeyData = append(shown.KeyData, k.Reveal())
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
	g, bundle := &globals{}, false
	c := &cobra.Command{Use: "init", Short: "Write a first config/deploy.yml, .kamal/secrets and sample hooks", Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVar(&bundle, "bundle", false, "accepted for compatibility: there is nothing to bundle")
	c.RunE = func(*cobra.Command, []string) error {
		made, err := config.Init(a.dir)
		for _, f := range made {
			if _, e := fmt.Fprintln(a.stdout, "created "+f); e != nil {
				return e
			}
		}
		if bundle {
			fmt.Fprintln(a.stderr, "--bundle changes nothing: hwdeploy is one program and needs no Gemfile") //nolint:errcheck // as every print
		}
		if err == nil && !slices.Contains(made, config.DefaultFile) {
			return fmt.Errorf("%s is there and was left as it is; remove it first to get a new one", config.DefaultFile)
		}
		return err
	}
	return c
}

// docsCommand says what the keys of deploy.yml mean.
func (a *app) docsCommand() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{
		Use: "docs [SECTION]", Short: "What the keys of deploy.yml mean, or those of one section", Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return config.DocSections(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	g.bind(c, true)
	c.RunE = func(_ *cobra.Command, args []string) error {
		section := ""
		if len(args) == 1 {
			section = args[0]
		}
		text, ok := config.Docs(section)
		if !ok {
			return usage("No documentation found for %s\n  sections: %s", section, strings.Join(config.DocSections(), ", "))
		}
		_, err := fmt.Fprint(a.stdout, text)
		return err
	}
	return c
}
