package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
)

func (a *app) configCommand() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "config", Short: "The resolved configuration, as Kamal prints it", Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		w := g.in(a, cmd)
		sink, err := g.sink(&app{stdout: a.stderr, stderr: a.stderr, now: a.now})
		if err != nil {
			return err
		}
		w.Sink = sink
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
