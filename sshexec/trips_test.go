package sshexec_test

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/lab/relay"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// far puts a relay before sshd and gives options that lead through it.
func far(t *testing.T, s *sshtest.SSHD, oneWay time.Duration) (*relay.Relay, sshexec.Options) {
	t.Helper()
	r, err := relay.Listen(t.Context(), "127.0.0.1:0", s.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	r.SetLatency(oneWay)
	o := options(t, s)
	addr, err := net.ResolveTCPAddr("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	o.Port = addr.Port
	o.KnownHosts = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "known_hosts"), "* "+s.HostKey.AuthorizedKey())}
	return r, o
}

func TestRoundTrips(t *testing.T) {
	s := sshtest.StartSSHD(t)
	r, o := far(t, s, 60*time.Millisecond)
	socket := filepath.Join(t.TempDir(), "echo.sock")
	echo(t, socket)
	c := dial(t, o, "127.0.0.1")
	login := r.Stats().RoundTrips
	if login > 8 {
		t.Errorf("login: %d round trips", login)
	}
	t.Logf("login: %d round trips", login)
	await := func() {
		sshtest.WaitFor(t, "spare sessions", func() bool { return sshexec.Ready(c) >= 2 })
	}
	for _, tc := range []struct {
		name string
		want int
		do   func(context.Context) error
	}{
		{"run", 1, func(ctx context.Context) error { _, err := c.Run(ctx, run.Cmd{Line: "echo x"}); return err }},
		{"failing run", 1, func(ctx context.Context) error {
			_, err := c.Run(ctx, run.Cmd{Line: "echo x || true; test -e /"})
			return err
		}},
		{"upload", 2, func(ctx context.Context) error {
			return c.Upload(ctx, filepath.Join(s.Dir, "up", "x"), []byte("content"), 0o600)
		}},
		{"unix socket", 1, func(ctx context.Context) error {
			conn, err := c.DialUnix(ctx, socket)
			if err != nil {
				return err
			}
			return conn.Close()
		}},
	} {
		await()
		r.Reset()
		if err := tc.do(t.Context()); err != nil {
			t.Fatal(tc.name, err)
		}
		if got := r.Stats().RoundTrips; got > tc.want {
			t.Errorf("%s: %d round trips, want %d", tc.name, got, tc.want)
		}
	}
}

// Two commands at once cost one round trip together, since two spares are open.
func TestRoundTripsTogether(t *testing.T) {
	s := sshtest.StartSSHD(t)
	r, o := far(t, s, 60*time.Millisecond)
	c := dial(t, o, "127.0.0.1")
	sshtest.WaitFor(t, "spare sessions", func() bool { return sshexec.Ready(c) >= 2 })
	r.Reset()
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := c.Run(t.Context(), run.Cmd{Line: "echo x"})
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if got := r.Stats().RoundTrips; got > 1 {
		t.Errorf("%d round trips", got)
	}
}

// echo answers on a unix socket with what it hears.
func echo(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
}

// The first connection to Docker is given while the host is still asked for its
// socket: where that is another than the default one nothing is read from it, and
// the next connection leads to the right one.
func TestDockerGuess(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "docker.sock")
	echo(t, socket)
	s := sshtest.StartSSHD(t, "SetEnv SHLVL=5 DOCKER_HOST=unix://"+socket)
	_, o := far(t, s, 30*time.Millisecond)
	c := dial(t, o, "127.0.0.1")
	ask := func() error {
		conn, err := c.DialDockerEarly(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte("x")); err != nil {
			return err
		}
		_, err = conn.Read(make([]byte, 1))
		return err
	}
	if err := ask(); err != nil && !strings.Contains(err.Error(), "another socket") {
		t.Error(err) // no error where there is no default socket to guess at
	}
	if err := ask(); err != nil {
		t.Error("the second connection:", err)
	}
}

// Once in use, Docker is dialled without waiting; a connection that the engine
// has closed meanwhile is not handed out.
func TestDockerSpares(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "docker.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	t.Cleanup(func() { l.Close() })
	s := sshtest.StartSSHD(t, "SetEnv SHLVL=5 DOCKER_HOST=unix://"+socket)
	r, o := far(t, s, 60*time.Millisecond)
	c := dial(t, o, "127.0.0.1")
	ready := func() { sshtest.WaitFor(t, "spares", func() bool { return sshexec.DockerReady(c) == 2 }) }
	get := func() net.Conn {
		conn, err := c.DialDocker(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	get().Close()
	ready()
	r.Reset()
	begin := time.Now()
	get().Close()
	if took := time.Since(begin); took > 50*time.Millisecond {
		t.Errorf("a spare took %s", took)
	}
	ready()
	for range 4 { // the engine closes all it has
		(<-accepted).Close()
	}
	sshtest.WaitFor(t, "the spares' end", func() bool { return sshexec.DockerEnded(c) == 2 })
	conn := get()
	defer conn.Close()
	server := <-accepted
	if _, err := server.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Error("a dead spare was handed out:", err)
	}
}
