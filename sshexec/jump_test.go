package sshexec_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// withConfig makes o read an ssh_config of that text, and trust every server given.
func withConfig(t *testing.T, o *sshexec.Options, text string, servers ...*sshtest.SSHD) {
	t.Helper()
	dir := t.TempDir()
	known := ""
	for _, s := range servers {
		known += fmt.Sprintf("[127.0.0.1]:%d %s", s.Port, s.HostKey.AuthorizedKey())
	}
	o.ConfigOff = false
	o.KnownHosts = []string{sshtest.WriteFile(t, filepath.Join(dir, "known_hosts"), known)}
	o.ConfigFiles = []string{sshtest.WriteFile(t, filepath.Join(dir, "config"), text)}
}

// A chain of two jump hosts; each has its own key, port and host key, and both are
// named in ssh_config only.
func TestProxyJumpChain(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	outer, inner, host := sshtest.StartSSHD(t), sshtest.StartSSHD(t), sshtest.StartSSHD(t)
	o := options(t, host)
	o.Keys = nil
	withConfig(t, &o, fmt.Sprintf(`
Host outer
  HostName 127.0.0.1
  Port %d
  User %s
  IdentityFile %s
Host inner
  HostName 127.0.0.1
  Port %d
  User %s
  IdentityFile %s
Host web-*
  HostName 127.0.0.1
  IdentityFile %s
  ProxyJump outer,inner
`, outer.Port, outer.User, outer.KeyFile, inner.Port, inner.User, inner.KeyFile, host.KeyFile), outer, inner, host)
	d := sshexec.New(o)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			c, err := d.Dial(t.Context(), fmt.Sprintf("web-%d", i))
			if err != nil {
				t.Error(err)
				return
			}
			if res, err := c.Run(t.Context(), cmd("echo $SSH_CONNECTION")); err != nil || !strings.Contains(res.Stdout, fmt.Sprint(host.Port)) {
				t.Error(res, err)
			}
		})
	}
	wg.Wait()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	// The jump hosts' connections are shared.
	for _, s := range []*sshtest.SSHD{outer, inner} {
		if n := strings.Count(s.Log(), "Accepted publickey for"); n != 1 {
			t.Errorf("%d logins to a jump host", n)
		}
	}
	goleak.VerifyNone(t, leaks)
}

// A jump host that cannot say whether the host is there, as when packets vanish
// behind it: the wait ends with ConnectTimeout, or with the caller's.
func TestASilentHostBehindAJumpHost(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{Delay: 2 * time.Second})
	o := inProcess(t, s)
	o.Proxy = s.Addr
	for _, tc := range []struct {
		connect, caller time.Duration
		want            sshexec.Kind
	}{
		{200 * time.Millisecond, time.Minute, sshexec.KindTimeout},
		{time.Minute, 200 * time.Millisecond, sshexec.KindCancelled},
	} {
		o.ConnectTimeout = tc.connect
		d := sshexec.New(o)
		ctx, cancel := context.WithTimeout(t.Context(), tc.caller)
		_, err := d.Dial(ctx, "127.0.0.2")
		cancel()
		var ce *sshexec.ConnectError
		if !errors.As(err, &ce) || ce.Kind != tc.want {
			t.Errorf("%s: %v", tc.want, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Forty hosts through one sshd that drops beyond ten: the gate keeps below that.
func TestGate(t *testing.T) {
	host := sshtest.StartSSHD(t, "MaxStartups 10:100:10")
	o := options(t, host)
	withConfig(t, &o, "Host web-*\n HostName 127.0.0.1\n", host)
	d := sshexec.New(o)
	defer d.Close()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if _, err := d.Dial(t.Context(), fmt.Sprintf("web-%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Dialers that know nothing of each other go over the limit; what sshd drops is
// tried again.
func TestMaxStartupsRetried(t *testing.T) {
	host := sshtest.StartSSHD(t, "MaxStartups 3:100:3")
	o := options(t, host)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if err := works(t, o, "127.0.0.1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestProxyCommand(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	jump, host := sshtest.StartSSHD(t), sshtest.StartSSHD(t)
	o := options(t, host)
	withConfig(t, &o, fmt.Sprintf("Host 127.0.0.1\n ProxyCommand ssh -F none -i %s -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p %d -W %%h:%%p %%r@127.0.0.1\n",
		jump.KeyFile, jump.Port), host)
	before := running("ssh -F none -i " + jump.KeyFile)
	if err := works(t, o, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if n := running("ssh -F none -i " + jump.KeyFile); n != before {
		t.Errorf("%d proxy commands left", n-before)
	}
	goleak.VerifyNone(t, leaks)
}

func TestForwards(t *testing.T) {
	s := sshtest.StartSSHD(t)
	c := dial(t, options(t, s), "127.0.0.1")
	l, err := c.ListenTCP(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "hello from here\n")
	}()
	conn, err := c.DialTCP(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, err := conn.Read(buf)
	if err != nil || string(buf[:n]) != "hello from here\n" {
		t.Fatal(string(buf[:n]), err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.DialTCP(t.Context(), l.Addr().String()); err == nil {
		t.Error("the listener is still there")
	}
	if _, ok := l.Addr().(*net.TCPAddr); !ok {
		t.Error(l.Addr())
	}
}
