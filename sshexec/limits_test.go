package sshexec_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// More commands than sessions queue up, whatever the limit.
func TestMaxSessions(t *testing.T) {
	for _, limit := range []int{1, 2, 10} {
		s := sshtest.StartSSHD(t, fmt.Sprintf("MaxSessions %d", limit))
		c := dial(t, options(t, s), "127.0.0.1")
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				res, err := c.Run(t.Context(), cmd(fmt.Sprintf("sleep 0.05; echo %d", i)))
				if err != nil || res.Stdout != fmt.Sprintf("%d\n", i) {
					t.Errorf("MaxSessions %d: %v %v", limit, res, err)
				}
			})
		}
		wg.Wait()
	}
}

// With every session held by what is to be ended, the kill takes a second
// connection.
func TestCancelWithoutFreeSession(t *testing.T) {
	s := sshtest.StartSSHD(t, "MaxSessions 2")
	c := dial(t, options(t, s), "127.0.0.1")
	word := fmt.Sprintf("66%d", os.Getpid())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := c.Run(ctx, cmd("trap '' TERM; sleep "+word+"; sleep "+word)); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	sshtest.WaitFor(t, "both to run", func() bool { return running("^sleep "+word) == 2 })
	// A third waits, which teaches the limit; it is withdrawn by the same cancel.
	wg.Go(func() {
		if _, err := c.Run(ctx, cmd("echo never")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	sshtest.WaitFor(t, "the limit to be known", func() bool { return sshexec.Full(c) })
	cancel()
	wg.Wait()
	if n := running("^sleep " + word); n != 0 {
		t.Errorf("%d left", n)
	}
	if _, err := c.Run(t.Context(), cmd("true")); err != nil {
		t.Error("afterwards:", err)
	}
}

// A waiter that gives up while a session arrives for it leaves it to the next.
func TestWithdraw(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{Delay: 2 * time.Millisecond, MaxSessions: 3, Handler: func(e sshtest.Exec) int { return 0 }})
	c := dial(t, inProcess(t, s), "127.0.0.1")
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20)*time.Millisecond)
			defer cancel()
			if _, err := c.Run(ctx, cmd("true")); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for range 10 {
		if _, err := c.Run(t.Context(), cmd("true")); err != nil {
			t.Fatal(err)
		}
	}
}

// Sessions that the host closed while they were idle are replaced, and nothing
// runs twice.
func TestStaleSpares(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{CloseIdle: true, Handler: func(sshtest.Exec) int { return 0 }})
	c := dial(t, inProcess(t, s), "127.0.0.1")
	sshtest.WaitFor(t, "spares", func() bool { return sshexec.Ready(c) == 2 })
	s.Set(func(o *sshtest.Options) { o.CloseIdle = false })
	if _, err := c.Run(t.Context(), cmd("true")); err != nil {
		t.Fatal(err)
	}
	if n := s.Execs.Load(); n != 1 {
		t.Errorf("%d commands ran", n)
	}
}

// A host that closes every session is told, and not asked for ever.
func TestAHostThatClosesEverySession(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{CloseIdle: true})
	c := dial(t, inProcess(t, s), "127.0.0.1")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := c.Run(ctx, cmd("true"))
	var re *sshexec.RefusedError
	if !errors.As(err, &re) {
		t.Fatalf("%v, after %d sessions", err, s.Opened.Load())
	}
}

func TestExecRefused(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{RefuseExec: true})
	c := dial(t, inProcess(t, s), "127.0.0.1")
	_, err := c.Run(t.Context(), cmd("true"))
	var re *sshexec.RefusedError
	if !errors.As(err, &re) {
		t.Fatal(err)
	}
}

func TestNoStatus(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{Handler: func(e sshtest.Exec) int { fmt.Fprint(e.Stdout, "so far"); return -1 }})
	c := dial(t, inProcess(t, s), "127.0.0.1")
	res, err := c.Run(t.Context(), run.Cmd{Name: "step", Line: "x"})
	var none *sshexec.NoStatusError
	if !errors.As(err, &none) || none.Stdout != "so far" || res.Stdout != "so far" || errors.Is(err, sshexec.ErrLost) {
		t.Fatalf("%#v", err)
	}
}

// inProcess reaches the server of the test.
func inProcess(t *testing.T, s *sshtest.Server) sshexec.Options {
	t.Helper()
	dir := t.TempDir()
	return sshexec.Options{
		User: "x", Port: s.Port(), ConfigOff: true, Grace: 200 * time.Millisecond, HomeDir: dir,
		Keys:       []string{sshtest.WriteKey(t, sshtest.NewKey(t, "ed25519"), dir, "id")},
		KnownHosts: []string{sshtest.WriteFile(t, dir+"/known_hosts", s.KnownHostsLine())},
		Warn:       func(m string) { t.Log("warning:", m) },
	}
}
