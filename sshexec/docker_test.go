package sshexec_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// dockerCLI puts a stand-in for the docker program first in the host's PATH. What
// is tested is the way to it; that real engines answer is shown elsewhere.
func dockerCLI(t *testing.T, script string) []string {
	t.Helper()
	dir := t.TempDir()
	path := sshtest.WriteFile(t, filepath.Join(dir, "docker"), "#!/bin/sh\n"+script)
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{"SetEnv PATH=" + dir + ":" + os.Getenv("PATH") + " SHLVL=5 DOCKER_CONFIG=" + dir}
}

func asks(t *testing.T, conn net.Conn) {
	t.Helper()
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "hello"); err != nil {
		t.Error(err)
	}
	buf := make([]byte, 5)
	if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "hello" {
		t.Errorf("%q %v", buf, err)
	}
}

// The socket is the one that the host's CLI would use.
func TestDialDockerSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "docker.sock")
	echo(t, socket)
	for name, config := range map[string][]string{
		"DOCKER_HOST": {"SetEnv DOCKER_HOST=unix://" + socket + " SHLVL=5"},
		"context": withEnv(dockerCLI(t, `[ "$1 $2" = "context inspect" ] && echo unix://`+socket),
			" DOCKER_CONTEXT=rootless"),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, options(t, sshtest.StartSSHD(t, config...)), "127.0.0.1")
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					conn, err := c.DialDocker(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					asks(t, conn)
				})
			}
			wg.Wait()
		})
	}
}

func withEnv(config []string, more string) []string {
	return []string{config[0] + more}
}

const goodCLI = `case "$1 $2" in
"system dial-stdio") exec cat;;
"version --format") echo 20.10.24;;
*) echo "unexpected: $*" >&2; exit 1;;
esac`

// Where sshd forbids forwarding, the host's CLI carries the stream: over a second
// connection, a few at a time, and nothing is left of it.
func TestDialDockerStdio(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := sshtest.StartSSHD(t, append(dockerCLI(t, goodCLI), "AllowTcpForwarding no", "AllowStreamLocalForwarding no")...)
	d := sshexec.New(options(t, s))
	c, err := d.Dial(t.Context(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			conn, err := c.DialDocker(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			asks(t, conn)
			if _, err := c.Run(t.Context(), cmd("true")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(s.Log(), "Accepted publickey for"); n != 2 {
		t.Errorf("%d connections", n)
	}
	goleak.VerifyNone(t, leaks)
}

// A host's guard cuts the first connection to fence a run: what went over the
// second one must end with it.
func TestTheSecondConnectionEndsWithTheFirst(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{RefuseForward: true, Handler: func(e sshtest.Exec) int {
		if strings.Contains(e.Line, "dial-stdio") {
			io.Copy(e.Stdout, e.Stdin) //nolint:errcheck // ends with the connection
		}
		return 0
	}})
	home := t.TempDir()
	c := dial(t, sshexec.Options{
		User: "deploy", Port: s.Port(), ConfigOff: true, HomeDir: home,
		KeyData:    []secret.Secret{secret.New(string(sshtest.NewKey(t, "ed25519").PEM))},
		KnownHosts: []string{sshtest.WriteFile(t, filepath.Join(home, "known"), s.KnownHostsLine())},
	}, "127.0.0.1")
	conn, err := c.DialDocker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // cut
	s.DropOldest()
	<-sshexec.Lost(c)
	if err := conn.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a stream of the second connection goes on: %v", err)
	}
}

// When neither way works, the error has the host's own words.
func TestDialDockerRefused(t *testing.T) {
	script := `[ "$1" = version ] && echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2
exit 1`
	s := sshtest.StartSSHD(t, append(dockerCLI(t, script), "AllowStreamLocalForwarding no")...)
	c := dial(t, options(t, s), "127.0.0.1")
	_, err := c.DialDocker(t.Context())
	var re *sshexec.RefusedError
	if !errors.As(err, &re) {
		t.Fatal(err)
	}
	golden(t, "docker-refused", err.Error(), s.User, "USER")
	bare := sshtest.StartSSHD(t, "SetEnv PATH="+pathWithout(t, "docker")+" SHLVL=5", "AllowStreamLocalForwarding no")
	_, err = dial(t, options(t, bare), "127.0.0.1").DialDocker(t.Context())
	if !errors.As(err, &re) || !strings.Contains(err.Error(), "docker: ") {
		t.Fatal(err)
	}
}

// A cancelled dial frees its place.
func TestDialDockerCancelled(t *testing.T) {
	s := sshtest.StartSSHD(t, append(dockerCLI(t, goodCLI), "AllowStreamLocalForwarding no")...)
	c := dial(t, options(t, s), "127.0.0.1")
	first, err := c.DialDocker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if conn, err := c.DialDocker(ctx); err == nil {
			conn.Close()
		} else if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	asks(t, first)
	again, err := c.DialDocker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asks(t, again)
}
