package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// execFlags are those of app exec.
type execFlags struct {
	globals
	interactive, reuse, detach, raw bool
	env                             map[string]string
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
	c.Flags().StringToStringVarP(&f.env, "env", "e", nil, "variables, KEY=VALUE")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(args); err != nil {
			return err
		}
		return a.withEngine(cmd, &f.globals, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			r := f.request(args)
			if f.interactive {
				return a.interact(ctx, e, r)
			}
			return e.AppExec(ctx, r, func(s deploy.Said) { a.execSaid(f, s) })
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
	return nil
}

func (f *execFlags) request(args []string) deploy.ExecRequest {
	r := deploy.ExecRequest{Version: f.version, Reuse: f.reuse, Detach: f.detach}
	var words []string
	for _, w := range args {
		words = append(words, strings.TrimSpace(w))
	}
	r.Cmd = strings.Join(words, " ")
	for k, v := range f.env {
		r.Env = append(r.Env, kamal.Pair{Key: k, Value: kamal.Text(v)})
	}
	return r
}

func (a *app) execSaid(f *execFlags, s deploy.Said) {
	if f.raw {
		fmt.Fprint(a.stdout, s.Text) //nolint:errcheck // as every print
		return
	}
	a.byHost(&f.globals, s) //nolint:errcheck,gosec // as every print
}

// interact joins this terminal to a command on the primary host.
func (a *app) interact(ctx context.Context, e *deploy.Engine, r deploy.ExecRequest) error {
	in, tty := a.stdin.(*os.File)
	words := "-i"
	if tty && term.IsTerminal(int(in.Fd())) { //nolint:gosec // a descriptor fits
		words = "-it"
	}
	h, line, err := e.InteractiveLine(ctx, r, words)
	if err != nil {
		return err
	}
	host, ok := h.(*host)
	if !ok || !tty {
		return fmt.Errorf("interactive commands need a file as standard input")
	}
	return host.Interactive(ctx, line, sshexec.TTY{In: in, Out: a.stdout, Term: a.env("TERM"), Size: func() (int, int) {
		cols, rows, err := term.GetSize(int(in.Fd())) //nolint:gosec // as above
		if err != nil {
			return 80, 24
		}
		return cols, rows
	}})
}
