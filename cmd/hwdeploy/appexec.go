package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// execFlags are those of app exec.
type execFlags struct {
	globals
	interactive, reuse, detach, raw bool
	env                             []string
}

func (a *app) appExec() *cobra.Command {
	f := &execFlags{}
	c := &cobra.Command{
		Use: "exec COMMAND...", Short: "Run a command in a container of the app",
		Long: "Runs a command in a new container of every selected role and host, or with --reuse in the one that serves.\nThe host's shell parses the command, as with Kamal.",
	}
	f.bind(c, true)
	c.Flags().BoolVarP(&f.interactive, "interactive", "i", false, "on the primary host, joined to this terminal")
	c.Flags().BoolVar(&f.reuse, "reuse", false, "in the container that serves")
	c.Flags().BoolVar(&f.detach, "detach", false, "leave it running")
	c.Flags().BoolVar(&f.raw, "raw", false, "print the output only")
	c.Flags().StringArrayVarP(&f.env, "env", "e", nil, "a variable, KEY=VALUE or KEY:VALUE; may be repeated")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(args); err != nil {
			return err
		}
		return a.withEngine(cmd, &f.globals, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			r := f.request(args)
			if f.interactive {
				return a.join(ctx, func(tty string) (deploy.Host, string, error) { return e.InteractiveLine(ctx, r, tty) })
			}
			var raw io.Writer
			if f.raw {
				raw = a.open // bytes as they are
			}
			return e.AppExec(ctx, r, raw, func(s deploy.Said) { a.execSaid(f, s) })
		})
	}
	return c
}

func (f *execFlags) check(args []string) error {
	switch {
	case f.detach && (f.interactive || f.reuse):
		return usage("Detach is not compatible with interactive or reuse")
	case f.raw && (f.interactive || f.detach):
		return usage("Raw is not compatible with interactive or detach")
	case strings.TrimSpace(strings.Join(args, " ")) == "":
		return usage("No command provided. You must specify a command to execute.")
	}
	for _, pair := range f.env {
		if strings.IndexAny(pair, "=:") < 1 {
			return usage("--env %s: write KEY=VALUE or KEY:VALUE", pair)
		}
	}
	return nil
}

func (f *execFlags) request(args []string) deploy.ExecRequest {
	r := deploy.ExecRequest{Version: f.version, Reuse: f.reuse, Detach: f.detach}
	var words []string
	for _, w := range args {
		words = append(words, strings.TrimSpace(w))
	}
	r.Cmd = strings.Join(words, " ")
	for _, pair := range f.env {
		i := strings.IndexAny(pair, "=:") // check has found one
		r.Env = append(r.Env, kamal.Pair{Key: pair[:i], Value: kamal.Text(pair[i+1:])})
	}
	return r
}

func (a *app) execSaid(f *execFlags, s deploy.Said) {
	if f.raw {
		fmt.Fprint(a.open, s.Text) //nolint:errcheck // as every print
	} else {
		a.byHost(&f.globals, "App", s) //nolint:errcheck,gosec // as every print
	}
	fmt.Fprint(a.stderr, s.Stderr) //nolint:errcheck // as every print
}
