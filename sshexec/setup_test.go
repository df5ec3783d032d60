package sshexec_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// options reach a test sshd without anything of the person who runs the tests.
func options(t *testing.T, s *sshtest.SSHD) sshexec.Options {
	t.Helper()
	return sshexec.Options{
		User: s.User, Port: s.Port, Keys: []string{s.KeyFile}, ConfigOff: true,
		KnownHosts: []string{s.KnownHosts(t)}, HomeDir: t.TempDir(), Grace: time.Second,
		Warn: func(m string) { t.Log("warning:", m) },
	}
}

func dial(t *testing.T, o sshexec.Options, host string) *sshexec.Client {
	t.Helper()
	d := sshexec.New(o)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	c, err := d.Dial(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// dialAndClose runs a test on a connection and closes it with its dialer.
func dialAndClose(t *testing.T, s *sshtest.SSHD, test func(context.Context, run.Runner)) *sshexec.Client {
	t.Helper()
	d := sshexec.New(options(t, s))
	c, err := d.Dial(t.Context(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	test(t.Context(), c)
	if err := d.Close(); err != nil {
		t.Error("close:", err)
	}
	return c
}

func cmd(line string) run.Cmd { return run.Cmd{Line: line} }

// cmdOut closes started at the command's first output.
func cmdOut(line string, started chan struct{}) run.Cmd {
	return run.Cmd{Line: line, Stdout: &onFirst{do: func() { close(started) }}}
}

type onFirst struct {
	once sync.Once
	do   func()
}

func (o *onFirst) Write(p []byte) (int, error) {
	o.once.Do(o.do)
	return len(p), nil
}
