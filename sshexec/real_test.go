package sshexec_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

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

func TestRunOnRealSSHD(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := sshtest.StartSSHD(t)
	d := sshexec.New(options(t, s))
	defer d.Close()
	c, err := d.Dial(t.Context(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Run(t.Context(), run.Cmd{Line: "echo out; echo err >&2"})
	if err != nil || res.Stdout != "out\n" || res.Stderr != "err\n" {
		t.Fatalf("%+v, %v", res, err)
	}
	_, err = c.Run(t.Context(), run.Cmd{Line: "echo why >&2; exit 7"})
	var exit *run.ExitError
	if !errors.As(err, &exit) || exit.Code != 7 || exit.Stderr != "why\n" {
		t.Fatalf("%#v", err)
	}
	_, err = c.Run(t.Context(), run.Cmd{Line: "kill -KILL $$"})
	if !errors.As(err, &exit) || exit.Code != -1 || exit.Signal != "KILL" {
		t.Fatalf("%#v", err)
	}
	path := filepath.Join(t.TempDir(), "a", "b.env")
	if err := c.Upload(t.Context(), path, []byte("X=1\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o640 {
		t.Fatal(st, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	begin := time.Now()
	_, err = c.Run(ctx, run.Cmd{Line: "sleep 1000"})
	t.Log(time.Since(begin), err)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
