package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
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
		sink, err := g.sink(&app{stdout: a.stderr, stderr: a.stderr, now: a.now})
		if err != nil {
			return err
		}
		w.Sink = sink
		if f.all || len(f.names) > 0 {
			return a.printFacts(cmd.Context(), w, f)
		}
		cfg, err := w.load(cmd.Context())
		if err != nil {
			return err
		}
		version, err := w.appVersion(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		out, err := cfg.ConfigOutput(config.Shown{Version: version})
		if err != nil {
			return err
		}
		_, err = a.stdout.Write(config.EmitYAML(out))
		return err
	}
	return c
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
			return err
		},
	}
}
