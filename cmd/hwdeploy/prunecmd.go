package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

func (a *app) pruneCommand() *cobra.Command {
	images := a.change("images", "Remove images that no container uses", func(*globals, []string) plan.Maker {
		return plan.AppPrune(false, true, -1)
	})
	return group("prune", "Old containers and images",
		a.change("all", "Remove old containers, then images that none uses", func(*globals, []string) plan.Maker {
			return plan.AppPrune(true, true, -1)
		}),
		a.pruneContainers(), images)
}

func (a *app) pruneContainers() *cobra.Command {
	retain := -1
	c := a.change("containers", "Remove stopped containers but for the newest", func(*globals, []string) plan.Maker {
		return plan.AppPrune(true, false, retain)
	})
	c.Flags().IntVar(&retain, "retain", -1, "how many stay; default: retain_containers")
	c.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("retain") && retain < 1 {
			return usage("retain must be at least 1")
		}
		return nil
	}
	return c
}

// auditCommand shows what was done, on all hosts, in order.
func (a *app) auditCommand() *cobra.Command {
	g, asData, lines := &globals{}, false, 50
	c := &cobra.Command{Use: "audit", Short: "The audit logs of all hosts as one", Args: cobra.NoArgs}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.Flags().IntVarP(&lines, "lines", "n", 50, "last lines of each host")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			all, err := e.Audit(ctx, lines)
			if asData || g.output == "json" {
				return errors.Join(a.data(all), err)
			}
			width := 0
			for _, f := range all {
				width = max(width, len(f.Host))
			}
			for _, f := range all {
				fmt.Fprintf(a.stdout, "%-*s %s\n", width, f.Host, f.Line) //nolint:errcheck // as every print
			}
			return err
		})
	}
	return c
}
