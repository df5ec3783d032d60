package sshexec_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// A cut connection: what ran has no status, what follows fails, and Dial does not
// revive it; one that was closed by us is no lost one.
func TestLost(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := sshtest.StartSSHD(t)
	r, o := far(t, s, 0)
	d := sshexec.New(o)
	defer d.Close()
	c, err := d.Dial(t.Context(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	go func() {
		<-started
		r.Cut()
	}()
	res, err := c.Run(t.Context(), cmdOut("echo begun; sleep 3", started))
	var none *sshexec.NoStatusError
	if !errors.As(err, &none) || !errors.Is(err, sshexec.ErrLost) || res.Stdout != "begun\n" {
		t.Fatalf("%v %#v", res, err)
	}
	<-sshexec.Lost(c)
	for name, err := range map[string]error{
		"Run":       second(c.Run(t.Context(), cmd("true"))),
		"DialUnix":  second(c.DialUnix(t.Context(), "/x")),
		"DialTCP":   second(c.DialTCP(t.Context(), "127.0.0.1:1")),
		"ListenTCP": second(c.ListenTCP(t.Context(), "127.0.0.1:0")),
		"Start":     second(c.Start(t.Context(), "true")),
		"Docker":    second(c.DialDocker(t.Context())),
	} {
		if !errors.Is(err, sshexec.ErrLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again, err := d.Dial(t.Context(), "127.0.0.1"); err != nil || again != c {
		t.Error("Dial revived a lost connection", err)
	}
	if err := c.Close(); err != nil && !errors.Is(err, sshexec.ErrLost) {
		t.Error(err)
	}
	anew, err := d.Dial(t.Context(), "127.0.0.1")
	if err != nil || anew == c {
		t.Fatal("closed is not lost", err)
	}
	if _, err := anew.Run(t.Context(), cmd("true")); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	r.Close()
	goleak.VerifyNone(t, leaks)
}

func second[T any](_ T, err error) error { return err }

// A black hole in the middle of a command is noticed by keepalives.
func TestKeepAlive(t *testing.T) {
	s := sshtest.StartSSHD(t)
	r, o := far(t, s, 0)
	o.KeepAlive = 50 * time.Millisecond
	c := dial(t, o, "127.0.0.1")
	started := make(chan struct{})
	go func() {
		<-started
		r.BlackHole(true)
	}()
	begin := time.Now()
	_, err := c.Run(t.Context(), cmdOut("echo begun; sleep 5", started))
	if !errors.Is(err, sshexec.ErrLost) || !strings.Contains(err.Error(), "keepalive") || time.Since(begin) > 4*time.Second {
		t.Fatal(time.Since(begin), err)
	}
}

// A slow host is not a dead one: answers that come late count.
func TestKeepAliveSlow(t *testing.T) {
	s := sshtest.StartSSHD(t)
	_, o := far(t, s, 250*time.Millisecond)
	o.KeepAlive = 400 * time.Millisecond
	c := dial(t, o, "127.0.0.1")
	if _, err := c.Run(t.Context(), cmd("sleep 4")); err != nil {
		t.Fatal(err)
	}
}

// Cancelled while dialling: at once, at every stage.
func TestDialCancelled(t *testing.T) {
	s := sshtest.StartSSHD(t)
	for name, o := range map[string]sshexec.Options{
		"handshake": func() sshexec.Options { o := options(t, s); o.Port = silent(t); return o }(),
		"tcp":       func() sshexec.Options { o := options(t, s); o.Port = full(t); return o }(),
		"dns":       func() sshexec.Options { o := options(t, s); return o }(),
	} {
		host := "127.0.0.1"
		if name == "dns" {
			host = "no-such-host.invalid"
		}
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		begin := time.Now()
		d := sshexec.New(o)
		_, err := d.Dial(ctx, host)
		cancel()
		if kind(err) != sshexec.KindCancelled || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 2*time.Second {
			t.Errorf("%s: after %s: %v", name, time.Since(begin), err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDNSRetries(t *testing.T) {
	s := sshtest.StartSSHD(t)
	o := options(t, s)
	o.DNSRetries = 2
	warned := 0
	o.Warn = func(m string) {
		if strings.Contains(m, "no address") || strings.Contains(m, "resolver") {
			warned++
		}
	}
	d := sshexec.New(o)
	defer d.Close()
	if _, err := d.Dial(t.Context(), "no-such-host.invalid"); kind(err) != sshexec.KindDNS || warned != 2 {
		t.Error(warned, err)
	}
}

func TestConnDeadline(t *testing.T) {
	s := sshtest.StartSSHD(t)
	c := dial(t, options(t, s), "127.0.0.1")
	socket := t.TempDir() + "/echo.sock"
	echo(t, socket)
	conn, err := c.DialUnix(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 10)
	read := func() error { _, err := conn.Read(buf); return err }
	var ne net.Error
	if err := errors.Join(conn.SetReadDeadline(time.Now().Add(30*time.Millisecond)), read()); !errors.As(err, &ne) || !ne.Timeout() {
		t.Fatal(err)
	}
	blocked := make(chan error, 1)
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go func() { blocked <- read() }()
	if err := conn.SetReadDeadline(time.Now().Add(-time.Second)); err != nil { // wakes who waits
		t.Fatal(err)
	}
	if err := <-blocked; !errors.As(err, &ne) || !ne.Timeout() {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("still works")); err != nil {
		t.Fatal(err)
	}
	if err := read(); err != nil || string(buf) != "still work" {
		t.Fatal(string(buf), err)
	}
}
