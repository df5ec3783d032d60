package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
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
				return a.interact(ctx, e, r)
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

// interact joins this terminal, or a pipe, to a command on the primary host. Its
// exit status becomes ours, and its bytes pass as they are: they are the user's
// own.
func (a *app) interact(ctx context.Context, e *deploy.Engine, r deploy.ExecRequest) error {
	in, isFile := a.stdin.(*os.File)
	tty, words := isFile && term.IsTerminal(int(in.Fd())), "-i" //nolint:gosec // a descriptor fits
	if tty {
		words = "-it"
	}
	h, line, err := e.InteractiveLine(ctx, r, words)
	if err != nil {
		return err
	}
	if host, ok := h.(*host); ok && tty {
		resized, stop := resizes()
		defer stop()
		return remoteStatus(host.Interactive(ctx, line, sshexec.TTY{In: in, Out: a.open, Term: a.env("TERM"), Resize: resized, Size: func() (int, int) {
			cols, rows, err := term.GetSize(int(in.Fd())) //nolint:gosec // as above
			if err != nil {
				return 80, 24
			}
			return cols, rows
		}}))
	}
	_, err = h.Run(ctx, run.Cmd{Name: "app exec", Line: line, Stdin: a.stdin, Stdout: a.open, Stderr: a.stderr, Stream: true})
	return remoteStatus(err)
}

// statusError is a remote command that ended with a status: it has spoken for
// itself.
type statusError struct{ *run.ExitError }

func (e statusError) ExitCode() int { return max(e.Code, 1) }
func (e statusError) Silent() bool  { return true }

func remoteStatus(err error) error {
	var exit *run.ExitError
	if errors.As(err, &exit) && exit.Signal == "" {
		return statusError{exit}
	}
	return err
}
