package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) statusCommand() *cobra.Command {
	g, asJSON := &globals{}, false
	c := &cobra.Command{Use: "status", Short: "What serves on every host, since when, and who holds the lock", Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			s, err := e.Status(ctx)
			if len(s.Roles) == 0 && err != nil {
				return err
			}
			if asJSON || g.output == "json" {
				return errors.Join(a.data(s), err)
			}
			return errors.Join(a.showStatus(s), err)
		})
	}
	return c
}

func (a *app) showStatus(s deploy.Status) error {
	rows := [][]string{{"HOST", "ROLE", "VERSION", "SINCE", "STATE", "PROXY TARGET"}}
	var notes []string
	for _, r := range s.Roles {
		since, target := "-", "-"
		if r.Container != "" {
			since = stamp(r.Since)
		}
		if r.Target != "" {
			target = r.Target
		}
		rows = append(rows, []string{r.Host, r.Role, r.Version, since, r.State, target})
		if len(r.Others) > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s runs and does not serve", r.Host, strings.Join(r.Others, ", ")))
		}
	}
	if err := a.table(rows); err != nil {
		return err
	}
	for _, host := range slices.Sorted(maps.Keys(s.Alive)) {
		notes = append(notes, fmt.Sprintf("%s: run %s is at work", host, s.Alive[host]))
	}
	for _, host := range slices.Sorted(maps.Keys(s.Locks)) {
		l := s.Locks[host]
		text := fmt.Sprintf("%s: locked: %s", host, strings.ReplaceAll(strings.TrimSpace(l.Text), "\n", "; "))
		if l.Dead {
			text += " (that run is dead: `hwdeploy recover` frees it)"
		}
		notes = append(notes, text)
	}
	if len(s.Locks) == 0 {
		notes = append(notes, "the deploy lock is free")
	}
	_, err := fmt.Fprintln(a.stdout, strings.Join(notes, "\n"))
	return err
}

func (a *app) recoverCommand() *cobra.Command {
	f := &rolloutFlags{}
	c := &cobra.Command{
		Use: "recover", Short: "Bring a fleet to rest after a run that died", Args: cobra.NoArgs,
		Long: "Takes over the lock of a run that is dead, resumes workers that it left quiet, stops what runs and does not\n" +
			"serve, and frees the lock. It refuses while that run, or anybody else, is at work.",
	}
	f.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		j := job{app: a, g: &f.globals, cmd: cmd}
		j.make = func(context.Context, *world, *config.Config) (deploy.Request, error) {
			return j.unversioned("recover"), nil
		}
		j.run = func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
			return e.Recover(ctx, hard, r)
		}
		return j.do(cmd.Context())
	}
	return c
}
