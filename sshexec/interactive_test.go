//go:build linux

package sshexec_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// pty is a local terminal: the person holds ptmx, the program has tty.
func pty(t *testing.T) (ptmx, tty *os.File) {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ptmx.Close() })
	n, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return ptmx, tty
}

type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func (s *screen) wait(t *testing.T, text string) {
	t.Helper()
	sshtest.WaitFor(t, fmt.Sprintf("%q on the screen", text), func() bool { return strings.Contains(s.String(), text) })
}

func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return m.Lflag&unix.ECHO != 0
}

func TestInteractive(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := sshtest.StartSSHD(t)
	d := sshexec.New(options(t, s))
	c, err := d.Dial(t.Context(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	ptmx, tty := pty(t)
	cols, rows := 100, 30
	var mu sync.Mutex
	resize := make(chan struct{})
	out := &screen{}
	done := make(chan error, 1)
	go func() {
		done <- c.Interactive(t.Context(), `tty; echo "$TERM"; stty size; trap 'echo caught' INT; while :; do read word; stty size; [ "$word" = quit ] && exit 9; done`,
			sshexec.TTY{In: tty, Out: out, Term: "vt100", Resize: resize, Size: func() (int, int) {
				mu.Lock()
				defer mu.Unlock()
				return cols, rows
			}})
	}()
	out.wait(t, "/dev/pts/")
	out.wait(t, "vt100")
	out.wait(t, "30 100")
	sshtest.WaitFor(t, "raw mode", func() bool { return !echoes(t, tty) })
	mu.Lock()
	cols, rows = 90, 20
	mu.Unlock()
	resize <- struct{}{}
	sshtest.WaitFor(t, "the new size", func() bool {
		fmt.Fprint(ptmx, "again\r")
		return strings.Contains(out.String(), "20 90")
	})
	fmt.Fprint(ptmx, "\x03") // Ctrl-C goes to the host, not to us
	out.wait(t, "caught")
	fmt.Fprint(ptmx, "quit\r")
	err = <-done
	var exit *run.ExitError
	if !errors.As(err, &exit) || exit.Code != 9 {
		t.Fatal(err, out)
	}
	if !echoes(t, tty) {
		t.Error("the terminal was left raw")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, leaks)
}

// A cancelled terminal is hung up: what ran on it ends, and ours is as before.
func TestInteractiveCancelled(t *testing.T) {
	s := sshtest.StartSSHD(t)
	c := dial(t, options(t, s), "127.0.0.1")
	_, tty := pty(t)
	word := fmt.Sprintf("55%d", os.Getpid())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		sshtest.WaitFor(t, "the command", func() bool { return running("^sleep "+word) > 0 })
		cancel()
	}()
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Interactive(ctx, "sleep "+word, sshexec.TTY{In: tty, Out: &screen{}}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	after, err := term.GetState(int(tty.Fd()))
	if err != nil || *before != *after {
		t.Error("the terminal was left raw", err)
	}
	sshtest.WaitFor(t, "its end", func() bool { return running("^sleep "+word) == 0 })
}

// Keys may come from a file or a pipe; the end of input goes through as Ctrl-D
// does not: the command sees its terminal close only when it ends by itself.
func TestInteractivePipe(t *testing.T) {
	s := sshtest.StartSSHD(t)
	c := dial(t, options(t, s), "127.0.0.1")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	fmt.Fprint(w, "one\n")
	out := &screen{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Interactive(ctx, `read a; echo "<$a>"`, sshexec.TTY{In: r, Out: out}); err != nil || !strings.Contains(out.String(), "<one>") {
		t.Fatal(err, out)
	}
}

func TestInteractiveRefused(t *testing.T) {
	s := sshtest.StartSSHD(t, "PermitTTY no")
	c := dial(t, options(t, s), "127.0.0.1")
	_, tty := pty(t)
	err := c.Interactive(t.Context(), "true", sshexec.TTY{In: tty, Out: &screen{}})
	var re *sshexec.RefusedError
	if !errors.As(err, &re) {
		t.Fatal(err)
	}
	golden(t, "no-tty", err.Error())
}
