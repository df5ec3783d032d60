package sshtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh/knownhosts"
)

// SSHD is a real OpenSSH sshd, started by the current user on 127.0.0.1 with a
// configuration of its own; the only login is that user.
type SSHD struct {
	Addr     string // 127.0.0.1:port
	Port     int
	User     string
	HostKey  Key    // ed25519
	UserKey  Key    // the one in authorized_keys
	Dir      string // configuration, keys and log
	KeyFile  string // private half of UserKey
	cmd      *exec.Cmd
	stopOnce sync.Once
}

// StartSSHD runs sshd until the test ends. Each line of config goes into
// sshd_config before the defaults of this package (in sshd the first value wins).
func StartSSHD(t testing.TB, config ...string) *SSHD {
	t.Helper()
	s := &SSHD{Dir: folder(t), Port: FreePort(t), HostKey: NewKey(t, "ed25519"), UserKey: NewKey(t, "ed25519")}
	s.Addr = fmt.Sprintf("127.0.0.1:%d", s.Port)
	u, err := user.Current()
	check(t, err)
	s.User = u.Username
	s.KeyFile = WriteKey(t, s.UserKey, s.Dir, "id")
	WriteFile(t, filepath.Join(s.Dir, "authorized_keys"), s.UserKey.AuthorizedKey())
	WriteKey(t, s.HostKey, s.Dir, "host_key")
	WriteFile(t, filepath.Join(s.Dir, "sshd_config"), strings.Join(append(config,
		"ListenAddress 127.0.0.1", fmt.Sprintf("Port %d", s.Port),
		"HostKey "+filepath.Join(s.Dir, "host_key"),
		"AuthorizedKeysFile "+filepath.Join(s.Dir, "authorized_keys"),
		"PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes",
		"PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"PrintMotd no", "AcceptEnv none", "UseDNS no", "LogLevel VERBOSE", quietShell), "\n")+"\n")
	s.start(t)
	t.Cleanup(s.Stop)
	return s
}

// folder is a temporary folder that may still be written to when the test ends:
// a process of sshd logs the end of a connection after its listener is gone.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sshd")
	check(t, err)
	t.Cleanup(func() { WaitFor(t, "the end of sshd's log", func() bool { return os.RemoveAll(dir) == nil }) })
	return dir
}

// quietShell keeps bash from reading the ~/.bashrc of whoever runs the tests,
// which it does for sshd's children unless it seems to be nested. A SetEnv of the
// test's own comes first and so replaces it.
const quietShell = "SetEnv SHLVL=5"

func (s *SSHD) start(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 { // the privilege separation folder that packages make at boot
		check(t, os.MkdirAll("/run/sshd", 0o755))
	}
	s.cmd = exec.Command(program(t), "-D", "-E", filepath.Join(s.Dir, "log"), "-f", filepath.Join(s.Dir, "sshd_config"))
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	check(t, s.cmd.Start())
	WaitFor(t, "sshd to listen", func() bool {
		c, err := net.Dial("tcp", s.Addr)
		return err == nil && c.Close() == nil
	})
}

// Stop ends the listener. Connections that stand are cut by their own clients.
func (s *SSHD) Stop() {
	s.stopOnce.Do(func() {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return
		}
		if err := s.cmd.Wait(); err != nil {
			return // it ends by a signal or with 255
		}
	})
}

// Log is what sshd has written so far.
func (s *SSHD) Log() string {
	text, err := os.ReadFile(filepath.Join(s.Dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// KnownHosts writes a known_hosts file that knows this server, and gives its path.
func (s *SSHD) KnownHosts(t testing.TB) string {
	t.Helper()
	return WriteFile(t, filepath.Join(s.Dir, "known_hosts"), knownhosts.Line([]string{s.Addr}, s.HostKey.Signer.PublicKey())+"\n")
}

// program finds sshd, and installs Debian's package where it is missing.
func program(t testing.TB) string {
	t.Helper()
	const path = "/usr/sbin/sshd"
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if p, err := exec.LookPath("sshd"); err == nil {
		return p
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for _, args := range [][]string{{"update", "-q"}, {"install", "-y", "-q", "openssh-server"}} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("these tests need a real sshd (Debian: openssh-server): %v\n%s", err, out)
		}
	}
	return path
}

// FreePort is a TCP port of 127.0.0.1 that was free a moment ago.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close() //nolint:errcheck // only the number counts
	return l.Addr().(*net.TCPAddr).Port
}

// WaitFor polls until ok holds, and fails the test after 20 s.
func WaitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for %s", what)
		}
		<-tick.C
	}
}
