package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interrupts gives two contexts: the first ends on the first Ctrl-C (or TERM,
// HUP): stop, undo, unlock. The second ends on the second: stop now. A third ends
// the program. Signals that come after stop, while the report is written, are
// dropped.
func interrupts(parent context.Context) (first, second context.Context, stop func()) {
	first, cancelFirst := context.WithCancel(parent)
	second, cancelSecond := context.WithCancel(parent)
	heard := make(chan os.Signal, 2)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for _, cancel := range []func(){cancelFirst, cancelSecond} {
			select {
			case <-heard:
				cancel()
			case <-done:
				return
			}
		}
		signal.Stop(heard)
	}()
	return first, second, func() {
		close(done)
		cancelFirst()
		cancelSecond()
	}
}
