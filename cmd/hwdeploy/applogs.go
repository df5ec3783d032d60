package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

func (a *app) appLogs() *cobra.Command {
	g, s, bare := &globals{}, kamal.LogsSpec{}, false
	c := &cobra.Command{Use: "logs", Short: "The log of what serves", Args: cobra.NoArgs}
	g.bind(c, true)
	f := c.Flags()
	f.StringVarP(&s.Since, "since", "s", "", "lines since a time or an age such as 10m")
	f.IntVarP(&s.Lines, "lines", "n", 0, "last lines; default 100, or 10 with --follow")
	f.StringVarP(&s.Grep, "grep", "g", "", "lines that match only")
	f.StringVar(&s.GrepOptions, "grep-options", "", "options for grep")
	f.BoolVarP(&s.Follow, "follow", "f", false, "go on, on the primary host")
	f.BoolVarP(&bare, "skip-timestamps", "T", false, "without time stamps")
	f.StringVar(&s.ContainerID, "container-id", "", "another container than the one that serves")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		s.Timestamps = !bare
		if s.Lines == 0 && s.Since == "" && s.Grep == "" {
			s.Lines = 100
			if s.Follow {
				s.Lines = 10
			}
		}
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			return e.AppLogs(ctx, s, func(said deploy.Said) {
				a.byHost(g, said) //nolint:errcheck,gosec // as every print
			}, a.stdout)
		})
	}
	return c
}
