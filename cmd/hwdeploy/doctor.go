package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) doctorCommand() *cobra.Command {
	g, asJSON := &globals{}, false
	c := &cobra.Command{
		Use: "doctor", Short: "Check what a deploy needs: hosts, secrets, registry, builder; changes nothing", Args: cobra.NoArgs,
		Long: "Checks what a deploy needs and changes nothing. Exit 0 when all is well, else the code that a deploy would\nfail with: 3 configuration or secrets, 4 unreachable or refused, 6 needs a person, 1 else.",
	}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			all := e.Doctor(ctx)
			show := a.showChecks
			if asJSON || g.output == "json" {
				show = func(c []deploy.Check) error { return a.data(c) }
			}
			return errors.Join(show(all), deploy.Diagnosis(all))
		})
	}
	return c
}

func (a *app) showChecks(all []deploy.Check) error {
	for _, c := range all {
		mark, host := "ok     ", c.Host
		if !c.OK {
			mark = "problem"
		}
		if host == "" {
			host = "here"
		}
		text := fmt.Sprintf("%s  %-12s %-12s %s\n", mark, host, c.Name, c.Detail)
		if c.Try != "" {
			text += "           try: " + c.Try + "\n"
		}
		if _, err := fmt.Fprint(a.stdout, text); err != nil {
			return err
		}
	}
	return nil
}
