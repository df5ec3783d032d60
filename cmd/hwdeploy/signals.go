package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is the cause of a context that a signal ended.
type errInterrupted struct{ signal os.Signal }

func (e errInterrupted) Error() string     { return "cancelled by signal: " + e.signal.String() }
func (e errInterrupted) Is(err error) bool { return err == context.Canceled } //nolint:errorlint // this is the comparison
func (e errInterrupted) ExitCode() int     { return 130 }

// interrupts gives two contexts: the first ends on the first Ctrl-C (or TERM,
// HUP): stop, undo, unlock. The second ends on the second: stop now. A third ends
// the program. Signals that come after stop, while the report is written, are
// dropped. Whatever fails after the first signal was cancelled: see exitCode.
func (a *app) interrupts(parent context.Context) (first, second context.Context, stop func()) {
	first, cancelFirst := context.WithCancelCause(parent)
	second, cancelSecond := context.WithCancelCause(parent)
	heard := make(chan os.Signal, 2)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for _, cancel := range []context.CancelCauseFunc{cancelFirst, cancelSecond} {
			select {
			case s := <-heard:
				a.interrupted.Store(true)
				cancel(errInterrupted{s})
			case <-done:
				return
			}
		}
		signal.Stop(heard)
	}()
	return first, second, func() {
		close(done)
		cancelFirst(nil)
		cancelSecond(nil)
	}
}

// resizes tells each time the terminal has another size, until stop.
func resizes() (resized <-chan struct{}, stop func()) {
	heard, out, done := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(heard, syscall.SIGWINCH)
	go func() {
		for {
			select {
			case <-heard:
			case <-done:
				return
			}
			select {
			case out <- struct{}{}:
			case <-done:
				return
			}
		}
	}()
	return out, func() {
		signal.Stop(heard)
		close(done)
	}
}
