package deploy

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// local is a session whose command runs here in a process group of its own, below
// a parent that stands for sshd's session process. Like sshexec's, Close sends
// TERM and then KILL.
type local struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   io.Reader
	ended chan struct{}

	// gate holds its answers back until it is told something.
	gate chan struct{}
	open sync.Once
}

func startLocal(t *testing.T, dir, line string) (*local, error) {
	t.Helper()
	s := &local{cmd: exec.Command("sh", "-c", "( "+line+" ); exit $?"), ended: make(chan struct{}), gate: make(chan struct{})}
	s.cmd.Dir, s.cmd.SysProcAttr = dir, &syscall.SysProcAttr{Setpgid: true}
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, w := io.Pipe()
	s.out, s.cmd.Stdout = out, w
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(s.ended)
		w.CloseWithError(s.cmd.Wait()) //nolint:errcheck,gosec // never fails
	}()
	return s, nil
}

func (s *local) Stdout() io.Reader { return s }

func (s *local) Stdin() io.WriteCloser {
	s.open.Do(func() { close(s.gate) })
	return s.in
}

func (s *local) Read(p []byte) (int, error) {
	<-s.gate
	return s.out.Read(p)
}

func (s *local) Close() error {
	s.open.Do(func() { close(s.gate) })
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		syscall.Kill(-s.cmd.Process.Pid, sig) //nolint:errcheck // gone is as good
		select {
		case <-s.ended:
			return nil
		case <-time.After(300 * time.Millisecond):
		}
	}
	return nil
}

// Ctrl-C while the guard takes the lock: killing the guard would leave it.
func TestACancelledTakeLeavesNoLock(t *testing.T) {
	dir := t.TempDir()
	lock := filepath.Join(dir, lockDir)
	ctx, cancel := context.WithCancel(t.Context())
	h := &standin{name: "web-1", start: func(line string) (Session, error) {
		s, err := startLocal(t, dir, line)
		eventually(t, "locked", func() bool { _, err := os.Stat(filepath.Join(lock, "details")); return err == nil })
		cancel()
		return s, err
	}}
	_, _, err := startGuard(ctx, h, guardArgs{dir: ".kamal/hwdeploy/app", run: "r1", lock: lockDir, details: "bWU=", audit: ".kamal/app-audit.log"})
	if err == nil {
		t.Fatal("no error")
	}
	if _, err := os.Stat(lock); err == nil {
		t.Error("the deploy lock is left")
	}
}
