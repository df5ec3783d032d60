package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// withEngine runs f on the engine of a command line, without events.
func (a *app) withEngine(cmd *cobra.Command, g *globals, f func(context.Context, *world, *deploy.Engine) error) error {
	ctx, _, stop := a.interrupts(cmd.Context())
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
	defer e.Close() //nolint:errcheck // the command's own result counts
	version, err := w.appVersion(ctx, cfg)
	if err != nil {
		version = "" // only hooks are told, and not every command needs one
	}
	if err := e.PreConnect(ctx, version, g.skipHooks); err != nil {
		return err
	}
	return f(ctx, w, e)
}

func (a *app) lockCommand() *cobra.Command {
	return group("lock", "The deploy lock", a.lockStatus(), a.lockAcquire(), a.lockRelease())
}

func (a *app) lockStatus() *cobra.Command {
	g, asData := &globals{}, false
	c := &cobra.Command{Use: "status", Short: "Who holds the lock", Args: cobra.NoArgs}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			if asData || g.output == "json" {
				fact, err := e.LockFact(ctx)
				if err != nil {
					return err
				}
				return a.data(fact)
			}
			text, held, err := e.LockStatus(ctx)
			if err != nil {
				return err
			}
			if !held {
				text = "There is no deploy lock"
			}
			_, err = fmt.Fprintln(a.stdout, text)
			return err
		})
	}
	return c
}

func (a *app) lockAcquire() *cobra.Command {
	g, message := &globals{}, ""
	c := &cobra.Command{Use: "acquire", Short: "Take the lock by hand", Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().StringVarP(&message, "message", "m", "", "why (required)")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if message == "" {
			return usage("lock acquire needs a message: -m TEXT")
		}
		return a.withEngine(cmd, g, func(ctx context.Context, w *world, e *deploy.Engine) error {
			version, err := w.appVersion(ctx, e.Config)
			if err != nil {
				return err
			}
			if err := e.LockAcquire(ctx, version, message); err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, "Acquired the deploy lock")
			return err
		})
	}
	return c
}

func (a *app) lockRelease() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "release", Short: "Free the lock, whoever holds it", Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			there, err := e.LockRelease(ctx)
			if err != nil {
				return err
			}
			text := "Released the deploy lock"
			if !there {
				text = "There is no deploy lock"
			}
			_, err = fmt.Fprintln(a.stdout, text)
			return err
		})
	}
	return c
}
