package main

import (
	"context"
	"errors"
	"os"

	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// join joins this terminal, or a pipe, to a line on a host; find gives both, told
// docker's words for a terminal ("-it") or none ("-i"). The line's exit status
// becomes ours, and its bytes pass as they are: they are the user's own.
func (a *app) join(ctx context.Context, find func(tty string) (deploy.Host, string, error)) error {
	in, isFile := a.stdin.(*os.File)
	tty, words := isFile && term.IsTerminal(int(in.Fd())), "-i" //nolint:gosec // a descriptor fits
	if tty {
		words = "-it"
	}
	h, line, err := find(words)
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
	_, err = h.Run(ctx, run.Cmd{Name: "the command", Line: line, Stdin: a.stdin, Stdout: a.open, Stderr: a.stderr, Stream: true})
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
