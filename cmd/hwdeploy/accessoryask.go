package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

func (a *app) accessoryDetails() *cobra.Command {
	g, asData := &globals{}, false
	c := &cobra.Command{Use: "details NAME", Short: "The running container; all shows all accessories", Args: cobra.ExactArgs(1)}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			topics, err := accessoryTopics(e, accessoryNames(e, args[0]))
			return errors.Join(err, a.answerAll(ctx, g, e, topics, asData))
		})
	}
	return c
}

func accessoryTopics(e *deploy.Engine, names []string) (out []topic, err error) {
	for _, name := range names {
		q, e := e.AccessoryDetails(name)
		if err = errors.Join(err, e); e == nil {
			out = append(out, topic{"Accessory " + name, q})
		}
	}
	return out, err
}

func (a *app) accessoryExec() *cobra.Command {
	f := &hostExec{}
	c := &cobra.Command{
		Use: "exec NAME COMMAND...", Short: "Run a command in a container of an accessory", Args: cobra.MinimumNArgs(1),
		Long: "Runs a command in a new container of the accessory on each of its hosts, or with --reuse in the one that runs.\nThe host's shell parses the command, as with Kamal.",
	}
	reuse := false
	f.bindExec(c, "on the accessory's first host, joined to this terminal")
	c.Flags().BoolVar(&reuse, "reuse", false, "in the container that runs")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return f.run(a, cmd, args[1:],
			func(ctx context.Context, e *deploy.Engine, line, tty string) (deploy.Host, string, error) {
				return e.AccessoryInteractive(ctx, args[0], tty, line, reuse)
			},
			func(ctx context.Context, e *deploy.Engine, line string) ([]deploy.Said, error) {
				return e.AccessoryExec(ctx, args[0], line, reuse)
			})
	}
	return c
}

// hostExec are the flags of a command that is run beside the app.
type hostExec struct {
	globals
	interactive, raw bool
}

func (f *hostExec) bindExec(c *cobra.Command, interactive string) {
	f.bind(c, true)
	c.Flags().BoolVarP(&f.interactive, "interactive", "i", false, interactive)
	c.Flags().BoolVar(&f.raw, "raw", false, "print the output only")
}

// run runs a command: joined to one host, or on all.
func (f *hostExec) run(a *app, cmd *cobra.Command, args []string,
	one func(ctx context.Context, e *deploy.Engine, line, tty string) (deploy.Host, string, error),
	all func(ctx context.Context, e *deploy.Engine, line string) ([]deploy.Said, error),
) error {
	line, err := commandLine(args)
	if err != nil {
		return err
	}
	if f.raw && f.interactive {
		return usage("Raw is not compatible with interactive")
	}
	return a.withEngine(cmd, &f.globals, func(ctx context.Context, _ *world, e *deploy.Engine) error {
		if f.interactive {
			return a.join(ctx, func(tty string) (deploy.Host, string, error) { return one(ctx, e, line, tty) })
		}
		said, err := all(ctx, e, line)
		for _, s := range said {
			if s.Host != "" {
				err = errors.Join(err, f.print(a, s))
			}
		}
		return err
	})
}

// print shows what a host printed; raw = its bytes as they are.
func (f *hostExec) print(a *app, s deploy.Said) (err error) {
	if f.raw {
		_, err = io.WriteString(a.open, s.Text)
	} else {
		err = a.byHost(&f.globals, "App", s)
	}
	_, failed := fmt.Fprint(a.stderr, s.Stderr)
	return errors.Join(err, failed)
}

// commandLine joins the words of a command as Kamal does.
func commandLine(args []string) (string, error) {
	var words []string
	for _, w := range args {
		words = append(words, strings.TrimSpace(w))
	}
	line := strings.Join(words, " ")
	if strings.TrimSpace(line) == "" {
		return "", usage("No command provided. You must specify a command to execute.")
	}
	return line, nil
}

func (a *app) accessoryLogs() *cobra.Command {
	f := &logFlags{}
	c := &cobra.Command{Use: "logs NAME", Short: "The log of an accessory, of all its hosts", Args: cobra.ExactArgs(1)}
	f.bindLogs(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		f.settle()
		var unknown error
		err := a.logs(cmd, f, "Accessory "+args[0], func(e *deploy.Engine) (sources []deploy.LogSource) {
			sources, unknown = e.AccessoryLogs(args[0], f.ContainerLogs)
			return sources
		})
		return errors.Join(unknown, err)
	}
	return c
}
