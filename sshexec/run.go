package sshexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Run implements run.Runner: the login shell of the host parses c.Line in the
// login folder. Dir and Env do not apply. Stdin must end by itself, or be closed
// by its owner once Run has returned: a Read cannot be interrupted.
//
// A cancelled command gives an error that wraps the cause of ctx, joined with how
// the command ended. The command is gone when Run returns.
func (c *Client) Run(ctx context.Context, cmd run.Cmd) (run.Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var out, errOut bytes.Buffer
	broken := &streamError{cancel: cancel}
	s, err := c.start(ctx, cmd, guard{tee(&errOut, cmd.Stderr), broken})
	if err != nil {
		return run.Result{}, err
	}
	fed := s.feed(cmd.Stdin, broken)
	s.readStdout(cmd, &out, broken)
	<-s.ended
	<-s.stderr
	res := run.Result{Stdout: out.String(), Stderr: errOut.String()}
	s.finish.Do(func() {
		s.close()
		s.settle()
		s.err = s.verdict(res.Stdout, res.Stderr)
	})
	await(fed)
	if err := broken.get(); err != nil && s.err == nil {
		return res, c.describe(cmd, err)
	}
	return res, s.err
}

// await waits for stdin's copier, unless it hangs in a Read.
func await(fed <-chan struct{}) {
	t := time.NewTimer(50 * time.Millisecond)
	defer t.Stop()
	select {
	case <-fed:
	case <-t.C:
	}
}

// streamError keeps the first error of the caller's own streams, and ends the
// command for it: a truncated input must not look like a whole one.
type streamError struct {
	cancel context.CancelCauseFunc
	mu     sync.Mutex
	err    error
}

func (e *streamError) fail(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
		e.cancel(err)
	}
	return err
}

func (e *streamError) get() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// feed copies stdin in the background; the result closes when it is done.
func (s *Session) feed(from io.Reader, broken *streamError) <-chan struct{} {
	fed := make(chan struct{})
	if from == nil {
		close(fed)
		s.closeStdin()
		return fed
	}
	go func() {
		defer close(fed)
		// An error in writing is a command that stopped reading, as `head` does:
		// its status tells.
		if _, err := io.Copy(onlyWriter{s.Stdin}, source{from, broken}); err == nil {
			s.closeStdin()
		}
	}()
	return fed
}

// closeStdin sends end of file; an error says that the command has ended.
func (s *Session) closeStdin() {
	if err := s.Stdin.Close(); err != nil {
		return
	}
}

// readStdout copies stdout to its end, even when the writer fails.
func (s *Session) readStdout(cmd run.Cmd, keep *bytes.Buffer, broken *streamError) {
	var to io.Writer = tee(keep, cmd.Stdout)
	if cmd.Stream {
		to = cmd.Stdout
		if to == nil {
			to = io.Discard
		}
	}
	if _, err := io.Copy(guard{to, broken}, s.ch); err != nil {
		if _, err := io.Copy(io.Discard, s.ch); err != nil {
			return // the channel's end; the verdict tells
		}
	}
}

// guard ends the command when its output can't be written.
type guard struct {
	w      io.Writer
	broken *streamError
}

func (g guard) Write(p []byte) (int, error) {
	n, err := g.w.Write(p)
	if err != nil {
		return n, g.broken.fail(fmt.Errorf("its output could not be written: %w", err))
	}
	return n, nil
}

// source ends the command when its input can't be read.
type source struct {
	r      io.Reader
	broken *streamError
}

func (r source) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, r.broken.fail(fmt.Errorf("its input could not be read: %w", err))
	}
	return n, err
}

// onlyWriter hides other methods, so that io.Copy uses plain writes.
type onlyWriter struct{ io.Writer }

func tee(keep *bytes.Buffer, more io.Writer) io.Writer {
	if more == nil {
		return keep
	}
	return io.MultiWriter(keep, more)
}
