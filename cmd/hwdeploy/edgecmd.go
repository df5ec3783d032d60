package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) edgeCommand() *cobra.Command {
	return group("edge", "Cloudflare: cache, edge worker, bulk redirects", a.edgePurge(), a.edgeWorker(), a.edgeRedirects())
}

// edgeDo is a command about the edge of a destination. f gives the line that
// says what was done.
func (a *app) edgeDo(c *cobra.Command, f func(ctx context.Context, s *edgeSteps, progress func(string)) (string, error)) *cobra.Command {
	g := &globals{}
	c.Args = cobra.NoArgs
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, _, stop := a.interrupts(cmd.Context())
		defer stop()
		w := g.in(a, cmd)
		cfg, err := w.load(ctx)
		if err != nil {
			return err
		}
		s, ok := w.edge(cfg, secrets{w.vault(cfg)}).(*edgeSteps)
		if !ok {
			return &edgeError{"x-hwdeploy/edge is not set: there is nothing to do"}
		}
		say := func(text string) error { _, err := fmt.Fprintln(a.stdout, text); return err }
		text, err := f(ctx, s, func(text string) { say(text) }) //nolint:errcheck // the last line's error counts
		if text != "" && err == nil {
			err = say(text)
		}
		return err
	}
	return c
}

func (a *app) edgePurge() *cobra.Command {
	c := &cobra.Command{Use: "purge", Short: "Purge what a deploy purges: the queue, and the zone where it is configured"}
	full := c.Flags().Bool("purge-full", false, "purge the whole zone")
	dry := c.Flags().Bool("dry-run", false, "show what would be purged and send nothing")
	return a.edgeDo(c, func(ctx context.Context, s *edgeSteps, progress func(string)) (string, error) {
		everything := *full || s.cfg.Extension.Edge.Purge == "everything"
		if !*dry {
			return s.Purge(ctx, everything, progress)
		}
		urls, err := s.queue().Pending()
		if everything {
			progress("the whole zone " + s.cfg.Extension.Edge.Zone)
		}
		for _, u := range urls {
			progress(u)
		}
		return fmt.Sprintf("%d URLs of the queue would be purged", len(urls)), err
	})
}

func (a *app) edgeWorker() *cobra.Command {
	c := &cobra.Command{Use: "worker", Short: "Deploy the edge worker, if it changed"}
	dry := c.Flags().Bool("dry-run", false, "bundle and compare, and send nothing")
	back := c.Flags().String("rollback", "", "make an earlier version live: its id; without one, the version before")
	c.Flags().Lookup("rollback").NoOptDefVal = previous
	return a.edgeDo(c, func(ctx context.Context, s *edgeSteps, progress func(string)) (string, error) {
		switch {
		case *back != "" && *dry:
			return "", usage("--rollback and --dry-run don't go together")
		case *back != "":
			return s.rollBack(ctx, *back)
		case *dry:
			w, p, _, err := s.planWorker(ctx)
			for _, text := range w.Script.Warnings {
				progress("warning: " + text)
			}
			if err != nil {
				return "", err
			}
			return p.String() + ": " + w.Script.Summary(), nil
		}
		return s.Worker(ctx, progress)
	})
}

// previous stands for the version that was live before.
const previous = "previous"

func (s *edgeSteps) rollBack(ctx context.Context, version string) (string, error) {
	w, err := s.workerConfig()
	if err != nil {
		return "", err
	}
	c, err := s.open(ctx)
	if err != nil {
		return "", err
	}
	if version == previous {
		version = ""
	}
	live, err := c.RollBackWorker(ctx, w.Account, w.Name, version)
	return fmt.Sprintf("worker %s: version %s is live", w.Name, live), err
}

func (a *app) edgeRedirects() *cobra.Command {
	c := &cobra.Command{Use: "redirects", Short: "Bring the bulk redirects to what the CSV files say"}
	dry := c.Flags().Bool("dry-run", false, "show what differs and send nothing")
	return a.edgeDo(c, func(ctx context.Context, s *edgeSteps, progress func(string)) (string, error) {
		if !*dry {
			return s.Redirects(ctx, progress)
		}
		_, p, _, err := s.planRedirects(ctx)
		if err != nil {
			return "", err
		}
		for _, line := range p.Diff.Lines() {
			progress(line)
		}
		return p.String(), nil
	})
}
