package main

import (
	"context"
	"errors"
	"os"

	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// join runs an interactive line of a host joined to this terminal. find gives
// host and line, told docker's words for a terminal ("-it") or none ("-i").
func (a *app) join(ctx context.Context, find func(tty string) (deploy.Host, string, error)) error {
	in, isFile := a.stdin.(*os.File)
	if !isFile {
		return errors.New("interactive commands need a file as standard input")
	}
	words, fd := "-i", int(in.Fd()) //nolint:gosec // a descriptor fits
	if term.IsTerminal(fd) {
		words = "-it"
	}
	h, line, err := find(words)
	if err != nil {
		return err
	}
	host, ok := h.(*host)
	if !ok {
		return errors.New("this host takes no interactive commands")
	}
	return host.Interactive(ctx, line, sshexec.TTY{In: in, Out: a.stdout, Term: a.env("TERM"), Size: func() (int, int) {
		cols, rows, err := term.GetSize(fd)
		if err != nil {
			return 80, 24
		}
		return cols, rows
	}})
}
