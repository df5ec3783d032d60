package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) serverCommand() *cobra.Command {
	return group("server", "The hosts themselves", a.serverBootstrap(), a.serverExec())
}

func (a *app) serverBootstrap() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "bootstrap", Short: "Install Docker where it is missing", Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		j := job{app: a, g: g, cmd: cmd, run: func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
			return e.Bootstrap(ctx, hard, r)
		}}
		j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
			return j.perhapsVersioned(ctx, w, cfg, "server bootstrap"), nil
		}
		return j.do(cmd.Context())
	}
	return c
}

func (a *app) serverExec() *cobra.Command {
	f := &hostExec{}
	c := &cobra.Command{Use: "exec COMMAND...", Short: "Run a command on every host itself"}
	f.bindExec(c, "on the primary host, joined to this terminal")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return f.run(a, cmd, args,
			func(ctx context.Context, e *deploy.Engine, line, _ string) (deploy.Host, string, error) {
				h, err := e.ServerInteractive(ctx)
				return h, line, err
			},
			func(ctx context.Context, e *deploy.Engine, line string) ([]deploy.Said, error) {
				return e.ServerExec(ctx, line)
			})
	}
	return c
}
