package sshexec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/muesli/cancelreader"
	"golang.org/x/crypto/ssh"
	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// TTY is the terminal of the person at this end.
type TTY struct {
	In  *os.File // put into raw mode for the time, if it is a terminal
	Out io.Writer
	// Term is the value of TERM. Empty = xterm-256color.
	Term string
	// Size gives columns and rows. Nil = 80 × 24.
	Size func() (cols, rows int)
	// Resize says that Size has changed. Nil = it never does.
	Resize <-chan struct{}
}

// Interactive runs line on a terminal of the host and joins it to tty: keys go
// there as they are, Ctrl-C too. A non-zero status is a *run.ExitError. When ctx
// is done the terminal is hung up, which ends the command. It costs three round
// trips to start.
func (c *Client) Interactive(ctx context.Context, line string, tty TTY) error {
	sl, err := c.pool.acquire(ctx)
	if err != nil {
		return c.describe(run.Cmd{Line: line}, err)
	}
	s := c.newSession(run.Cmd{Line: line}, sl)
	go s.readStderr(tty.Out) // a terminal has one stream; this is empty
	s.cause = func() error { return context.Cause(ctx) }
	s.stopKill = context.AfterFunc(ctx, func() {
		defer close(s.killed)
		s.wasEnded.Store(true)
		s.close()
	})
	if err := s.startTTY(tty); err != nil {
		return c.describe(run.Cmd{Line: line}, s.notStartedTTY(ctx, err))
	}
	restore, err := rawMode(tty.In)
	if err != nil {
		s.close()
		s.settle()
		return c.describe(run.Cmd{Line: line}, err)
	}
	err = s.join(tty)
	return errors.Join(err, restore())
}

func (s *Session) notStartedTTY(ctx context.Context, err error) error {
	var refused *RefusedError
	if errors.As(err, &refused) {
		s.close()
		s.settle()
		return err
	}
	return s.notStarted(ctx, err)
}

// startTTY asks for a terminal and the command on it (RFC 4254 §6.2, §6.5).
func (s *Session) startTTY(tty TTY) error {
	cols, rows := tty.size()
	ok, err := s.ch.SendRequest("pty-req", true, ssh.Marshal(struct {
		Term                      string
		Cols, Rows, Width, Height uint32
		Modes                     string
	}{cmp.Or(tty.Term, "xterm-256color"), cols, rows, 0, 0, "\x00"}))
	if err != nil {
		return err
	}
	if !ok {
		return &RefusedError{Host: s.c.t.alias, What: "terminal", Detail: "pty-req failed", Hint: "sshd's PermitTTY may be no"}
	}
	ok, err = s.ch.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{s.line}))
	if err == nil && !ok {
		return &RefusedError{Host: s.c.t.alias, What: "command", Detail: "exec request failed"}
	}
	return err
}

// join copies both ways until the command ends.
func (s *Session) join(tty TTY) error {
	in, err := cancelreader.NewReader(tty.In)
	if err != nil {
		s.close()
		s.settle()
		return fmt.Errorf("reading keys: %w", err)
	}
	typed, resized := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(typed)
		if _, err := io.Copy(onlyWriter{s.Stdin}, in); err == nil {
			s.closeStdin()
		}
	}()
	go func() {
		defer close(resized)
		s.follow(tty)
	}()
	if _, err := io.Copy(tty.Out, s.ch); err != nil {
		s.close() // nobody sees it any more
	}
	<-s.ended
	if in.Cancel() {
		<-typed
	}
	<-resized
	cerr := in.Close()
	return errors.Join(s.Wait(), cerr)
}

// follow tells the host about new sizes.
func (s *Session) follow(tty TTY) {
	for {
		select {
		case <-s.ended:
			return
		case _, ok := <-tty.Resize:
			if !ok {
				<-s.ended
				return
			}
		}
		cols, rows := tty.size()
		size := ssh.Marshal(struct{ Cols, Rows, Width, Height uint32 }{cols, rows, 0, 0})
		// An error is the end of the channel, which ends the loop.
		if _, err := s.ch.SendRequest("window-change", false, size); err != nil {
			continue
		}
	}
}

func (t TTY) size() (cols, rows uint32) {
	if t.Size == nil {
		return 80, 24
	}
	c, r := t.Size()
	return uint32(max(c, 1)), uint32(max(r, 1)) //nolint:gosec // terminals are small
}

// rawMode switches a terminal to raw and gives the way back.
func rawMode(f *os.File) (restore func() error, err error) {
	fd := int(f.Fd()) //nolint:gosec // a descriptor fits
	if !term.IsTerminal(fd) {
		return func() error { return nil }, nil
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("raw mode: %w", err)
	}
	return func() error { return term.Restore(fd, before) }, nil
}
