package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) planCommand() *cobra.Command {
	g, asJSON := &globals{}, false
	c := &cobra.Command{
		Use: "plan [destination]", Short: "Show what a deploy would do; changes nothing anywhere", Args: cobra.MaximumNArgs(1),
		Long: "Shows what `hwdeploy <destination>` would do on every host, or with -d what the bare deploy would.\n" +
			"With --json it is the plan as data.",
	}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if asJSON {
			g.output = "json"
		}
		flow := len(args) == 1
		if flow {
			at := []string{"-c", g.configFile}
			if len(a.destinations(at)) > 0 && !a.isDestination(at, args[0]) {
				return usage("no destination %q\n  %s", args[0], a.choice(at))
			}
			a.selectDestination(g, args[0])
		}
		return a.showPlan(cmd.Context(), g, cmd, flow, "deploy")
	}
	return c
}

// selectDestination sets -d, except for the base file's own name.
func (a *app) selectDestination(g *globals, name string) {
	g.destination = name
	if name == a.baseName([]string{"-c", g.configFile}) {
		g.destination = ""
	}
}

// planID stands for a run's id in a plan that is only shown, so that the same
// state prints the same text.
var planID = strings.Repeat("0", 16)

func (a *app) showPlan(ctx context.Context, g *globals, cmd *cobra.Command, flow bool, command string) error {
	ctx, _, stop := a.interrupts(ctx)
	defer stop()
	w := g.in(a, cmd)
	cfg, err := w.load(ctx)
	if err != nil {
		return err
	}
	e, err := w.engine(ctx, cfg)
	if err != nil {
		return err
	}
	defer e.Close() //nolint:errcheck // nothing was written
	e.RunID, e.CompareEnv = planID, true
	version, err := w.appVersion(ctx, cfg)
	if err != nil {
		return err
	}
	p, err := e.Plan(ctx, deploy.Request{Command: command, Version: version, Flow: flow, Migrate: flow, SkipHooks: g.skipHooks})
	if err != nil {
		return err
	}
	if g.output == "json" {
		return a.data(p)
	}
	_, err = fmt.Fprint(a.stdout, p.Text())
	return err
}
