package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

func (a *app) accessoryDetails() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "details NAME", Short: "The running container; all shows all accessories", Args: cobra.ExactArgs(1)}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			return a.showAccessories(ctx, g, e, accessoryNames(e, args[0]))
		})
	}
	return c
}

func (a *app) showAccessories(ctx context.Context, g *globals, e *deploy.Engine, names []string) (err error) {
	for _, name := range names {
		all, failed := e.AccessoryDetails(ctx, name)
		err = errors.Join(err, failed)
		for _, s := range all {
			err = errors.Join(err, a.say(g, "Accessory "+name, s))
		}
	}
	return err
}

// say prints what a host said, under Kamal's header for that kind.
func (a *app) say(g *globals, kind string, s deploy.Said) error {
	if s.Host == "" {
		return nil
	}
	header := kind + " Host: " + s.Host + "\n"
	if g.quiet {
		header = ""
	}
	_, err := fmt.Fprintf(a.stdout, "%s%s\n\n", header, strings.TrimSpace(s.Text))
	return err
}

func (a *app) accessoryExec() *cobra.Command {
	g, interactive, reuse, raw := &globals{}, false, false, false
	c := &cobra.Command{
		Use: "exec NAME COMMAND...", Short: "Run a command in a container of an accessory", Args: cobra.MinimumNArgs(1),
		Long: "Runs a command in a new container of the accessory on each of its hosts, or with --reuse in the one that runs.\nThe host's shell parses the command, as with Kamal.",
	}
	g.bind(c, true)
	c.Flags().BoolVarP(&interactive, "interactive", "i", false, "on the accessory's first host, joined to this terminal")
	c.Flags().BoolVar(&reuse, "reuse", false, "in the container that runs")
	c.Flags().BoolVar(&raw, "raw", false, "print the output only")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		line, err := commandLine(args[1:])
		if err != nil {
			return err
		}
		if raw && interactive {
			return usage("Raw is not compatible with interactive")
		}
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			if interactive {
				return a.join(ctx, func(tty string) (deploy.Host, string, error) {
					return e.AccessoryInteractive(ctx, args[0], tty, line, reuse)
				})
			}
			all, err := e.AccessoryExec(ctx, args[0], line, reuse)
			return errors.Join(a.sayAll(g, all, raw), err)
		})
	}
	return c
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

// sayAll prints what a command printed on each host; raw = nothing else.
func (a *app) sayAll(g *globals, all []deploy.Said, raw bool) (err error) {
	for _, s := range all {
		if !raw {
			err = errors.Join(err, a.say(g, "App", s))
			continue
		}
		_, e := io.WriteString(a.stdout, s.Text)
		err = errors.Join(err, e)
	}
	return err
}

func (a *app) accessoryLogs() *cobra.Command {
	g, s, bare := &globals{}, kamal.ContainerLogs{}, false
	c := &cobra.Command{Use: "logs NAME", Short: "The log of an accessory, of all its hosts", Args: cobra.ExactArgs(1)}
	g.bind(c, true)
	f := c.Flags()
	f.StringVarP(&s.Since, "since", "s", "", "lines since a time or an age such as 10m")
	f.IntVarP(&s.Lines, "lines", "n", 0, "last lines; default 100, or 10 with --follow")
	f.StringVarP(&s.Grep, "grep", "g", "", "lines that match only")
	f.StringVar(&s.GrepOptions, "grep-options", "", "options for grep")
	f.BoolVarP(&s.Follow, "follow", "f", false, "go on, on all hosts of the accessory")
	f.BoolVarP(&bare, "skip-timestamps", "T", false, "without time stamps")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		s.Timestamps = !bare
		if s.Lines == 0 && s.Since == "" && s.Grep == "" {
			s.Lines = 100
		}
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			all, err := e.AccessoryLogs(ctx, args[0], s, a.followed())
			for _, said := range all {
				err = errors.Join(err, a.say(g, "Accessory "+args[0], said))
			}
			return err
		})
	}
	return c
}

// followed gives each host a writer of whole lines, which say where they are from.
func (a *app) followed() func(host string) io.Writer {
	return func(host string) io.Writer {
		return &run.Lines{Say: func(line string) { fmt.Fprintf(a.stdout, "%s | %s\n", host, line) }} //nolint:errcheck // as every print
	}
}
