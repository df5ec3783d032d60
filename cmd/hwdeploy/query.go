package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// query is a command that asks the hosts and changes nothing. Its answers are
// printed as Kamal prints them, or with --json as an array of what was found.
type query struct {
	name, short string
	header      string // "App", "Proxy": in front of "Host: …"
	ask         func(ctx context.Context, e *deploy.Engine, asData bool) ([]deploy.Said, error)
}

// question is a query that is one line per host.
func question(name, short, header string, q func(*deploy.Engine) deploy.Question) query {
	return query{name, short, header, func(ctx context.Context, e *deploy.Engine, asData bool) ([]deploy.Said, error) {
		return e.Ask(ctx, q(e), asData)
	}}
}

func (q query) command(a *app) *cobra.Command {
	g, asData := &globals{}, false
	c := &cobra.Command{Use: q.name, Short: q.short, Args: cobra.NoArgs}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			asData = asData || g.output == "json"
			said, err := q.ask(ctx, e, asData)
			return errors.Join(a.answer(g, q.header, said, asData), err)
		})
	}
	return c
}

func jsonFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVar(to, "json", false, "as data, like --output json")
}

// answer prints what hosts said.
func (a *app) answer(g *globals, header string, said []deploy.Said, asData bool) error {
	if asData {
		facts := []any{}
		for _, s := range said {
			facts = append(facts, s.Facts...)
		}
		return a.data(facts)
	}
	var errs []error
	for _, s := range said {
		errs = append(errs, a.byHost(g, header, s))
	}
	return errors.Join(errs...)
}

// byHost prints what a host said as Kamal does.
func (a *app) byHost(g *globals, header string, s deploy.Said) error {
	head := header + " Host: " + s.Host + "\n"
	if g.quiet {
		head = ""
	}
	_, err := fmt.Fprintf(a.stdout, "%s%s\n\n", head, strings.TrimRight(s.Text, "\n"))
	return err
}
