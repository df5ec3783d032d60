package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

func (a *app) planCommand() *cobra.Command {
	g, asJSON, hooks := &globals{}, false, false
	c := &cobra.Command{
		Use: "plan [destination]", Short: "Show what a deploy would do; changes nothing anywhere", Args: cobra.MaximumNArgs(1),
		Long: "Shows what `hwdeploy <destination>` would do on every host, or with -d what the bare deploy would.\n" +
			"With --json it is the plan as data.",
	}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
	c.Flags().BoolVar(&hooks, "hooks", false, "run the hook pre-connect first: what it does is up to you")
	c.MarkFlagsMutuallyExclusive("hooks", "skip-hooks")
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
			if err := a.selectDestination(g, "hwdeploy plan", args[0]); err != nil {
				return err
			}
		}
		return a.showPlan(cmd.Context(), preview{
			g: g, cmd: cmd, hooks: hooks, request: deploy.Request{Command: "deploy", Flow: flow, Migrate: flow, SkipHooks: g.skipHooks},
		})
	}
	return c
}

// selectDestination sets -d, except for the base file's own name. A -d that names
// another is refused: one of the two would go out unasked.
func (a *app) selectDestination(g *globals, command, name string) error {
	if g.destination != "" && g.destination != name {
		return usage("-d %[1]s: the destination is %[2]s already; write %[3]s %[1]s", g.destination, name, command)
	}
	g.destination = name
	if name == a.baseName([]string{"-c", g.configFile}) {
		g.destination = ""
	}
	return nil
}

// planID stands for a run's id in a plan that is only shown, so that the same
// state prints the same text.
var planID = strings.Repeat("0", 16)

// preview is a request of which only the plan is shown.
type preview struct {
	g       *globals
	cmd     *cobra.Command
	request deploy.Request
	plan    func(*deploy.Engine, context.Context, deploy.Request) (plan.Plan, error) // nil = of a deploy, whose version is found out
	fits    func(*config.Config) error                                               // refuses what the request can't be; nil = all is well
	hooks   bool                                                                     // pre-connect runs, too
}

func (a *app) showPlan(ctx context.Context, v preview) error {
	ctx, _, stop := a.interrupts(ctx)
	defer stop()
	w := v.g.in(a, v.cmd)
	cfg, err := w.load(ctx)
	if err == nil && v.fits != nil {
		err = v.fits(cfg)
	}
	if err != nil {
		return err
	}
	e, err := w.engine(ctx, cfg)
	if err != nil {
		return err
	}
	defer e.Close() //nolint:errcheck // nothing was written
	e.RunID, e.CompareEnv = planID, true
	if v.plan == nil {
		v.plan = (*deploy.Engine).Plan
		if v.request.Version, err = w.appVersion(ctx, cfg); err != nil {
			return err
		}
	}
	if v.hooks {
		e.Env.Command = v.request.Command // the hook sees what it will see
		if err := e.PreConnect(ctx, v.request.Version, false); err != nil {
			return err
		}
	}
	p, err := v.plan(e, ctx, v.request)
	if err != nil {
		return err
	}
	if v.g.output == "json" {
		return a.data(p)
	}
	_, err = fmt.Fprint(a.stdout, p.Text())
	return err
}
