package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Grace is how long a cancelled local command has between TERM and KILL.
const Grace = 3 * time.Second

// Local runs commands on this machine with `sh -c`, each in a process group of
// its own, which is ended as a whole when ctx is done: TERM, then KILL after
// Grace. One that reads a terminal stays in this program's group, since a
// terminal stops whoever reads it from another. The zero value is ready.
type Local struct {
	// Grace replaces the package's Grace when positive.
	Grace time.Duration
}

var _ Runner = Local{}

// Run implements Runner. A command that was cut short by ctx gives an error that
// wraps the cause of ctx and, where there is one, the *ExitError.
func (l Local) Run(ctx context.Context, c Cmd) (Result, error) {
	if err := context.Cause(ctx); err != nil {
		return Result{}, c.wrap(err)
	}
	var out, errOut bytes.Buffer
	p := l.command(c, &out, &errOut)
	if err := p.Start(); err != nil {
		return Result{}, c.wrap(err)
	}
	finished := make(chan struct{})
	ended := make(chan bool)
	target := -p.Process.Pid // the group
	if !p.SysProcAttr.Setpgid {
		target = p.Process.Pid
	}
	go func() { ended <- l.endWith(ctx, target, finished) }()
	err := p.Wait()
	close(finished)
	res := Result{Stdout: out.String(), Stderr: errOut.String()}
	err = c.exitError(err, res)
	if <-ended {
		// Also with status 0: that may be its answer to TERM.
		return res, c.wrap(errors.Join(context.Cause(ctx), err))
	}
	return res, err
}

// command prepares the process: its own group, both streams kept and copied.
func (l Local) command(c Cmd, out, errOut *bytes.Buffer) *exec.Cmd {
	p := exec.Command("sh", "-c", c.Line) //nolint:gosec // running a given line is the job
	p.Dir, p.Env, p.Stdin = c.Dir, c.Env, c.Stdin
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: !isTerminal(c.Stdin)}
	// A child that left the group may keep the pipes open after sh has ended.
	p.WaitDelay = l.grace()
	p.Stdout, p.Stderr = tee(out, c.Stdout), tee(errOut, c.Stderr)
	if c.Stream {
		p.Stdout = c.Stdout
	}
	return p
}

func isTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a descriptor fits
}

// endWith ends target (a process, or a group when negative) when ctx is done before finished is closed, and
// tells whether it did. WaitDelay starts only once sh has ended, so the kill
// below can't be late.
func (l Local) endWith(ctx context.Context, target int, finished <-chan struct{}) bool {
	select {
	case <-finished:
		return false
	case <-ctx.Done():
	}
	signal(target, syscall.SIGTERM)
	t := time.NewTimer(l.grace())
	defer t.Stop()
	select {
	case <-finished:
	case <-t.C:
	}
	// Also after sh has ended: members of the group may have ignored TERM.
	signal(target, syscall.SIGKILL)
	return true
}

// signal reaches the target. Its error says only that nobody is left.
func signal(target int, s syscall.Signal) {
	if err := syscall.Kill(target, s); err != nil {
		return
	}
}

func (l Local) grace() time.Duration {
	if l.Grace > 0 {
		return l.Grace
	}
	return Grace
}

func tee(keep *bytes.Buffer, more io.Writer) io.Writer {
	if more == nil {
		return keep
	}
	return io.MultiWriter(keep, more)
}

// exitError turns the error of Wait into the package's own.
func (c Cmd) exitError(err error, res Result) error {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case !errors.As(err, &exit):
		return c.wrap(err)
	}
	e := &ExitError{Name: c.Name, Line: c.Line, Code: exit.ExitCode(), Stdout: res.Stdout, Stderr: res.Stderr}
	if st, ok := exit.Sys().(syscall.WaitStatus); ok && st.Signaled() {
		e.Code, e.Signal = -1, signalName(int(st.Signal()))
	}
	return e
}

func (c Cmd) wrap(err error) error {
	what := c.Name
	if what == "" {
		what = firstWord(c.Line)
	}
	return fmt.Errorf("%s: %w", what, err)
}
