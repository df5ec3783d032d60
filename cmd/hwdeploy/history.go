package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) historyCommand() *cobra.Command {
	g, asJSON, lines := &globals{}, false, 0
	c := &cobra.Command{
		Use: "history", Short: "Past runs: when, what, who, how they ended, migrates", Args: cobra.NoArgs,
		Long: "Past runs as the hosts remember them: hwdeploy's by their journals, Kamal's by the audit logs.",
	}
	g.bind(c, true)
	c.Flags().BoolVar(&asJSON, "json", false, "as data, like --output json")
	c.Flags().IntVarP(&lines, "lines", "n", 20, "newest runs to show; 0 = all")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			runs, err := e.History(ctx)
			if err != nil {
				return err
			}
			if lines > 0 {
				runs = runs[:min(lines, len(runs))]
			}
			if asJSON || g.output == "json" {
				return a.data(runs)
			}
			return a.table(historyRows(runs))
		})
	}
	return c
}

func historyRows(runs []*deploy.Past) [][]string {
	rows := [][]string{{"BEGAN", "TOOK", "COMMAND", "VERSION", "BY", "RESULT", "MIGRATED", "HOSTS"}}
	for _, p := range runs {
		result, migrated := p.Result, "-"
		if result == "" {
			result = "?"
		}
		if len(p.Migrates) > 0 {
			migrated = "yes"
		}
		rows = append(rows, []string{
			stamp(p.Began), p.Ended.Sub(p.Began).String(), p.Tool + " " + p.Command, p.Version, p.By, result, migrated, strings.Join(p.Hosts, ","),
		})
	}
	return rows
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// data prints a value as one line of JSON.
func (a *app) data(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// table prints rows in columns; the first row is the heading.
func (a *app) table(rows [][]string) error {
	t := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		if _, err := fmt.Fprintln(t, strings.Join(r, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}
