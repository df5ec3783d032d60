package sshexec_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with testdata/errors/name.txt, after names for what
// differs from run to run.
func golden(t *testing.T, name, text string, words ...string) {
	t.Helper()
	text = strings.NewReplacer(words...).Replace(text) + "\n"
	file := filepath.Join("testdata", "errors", name+".txt")
	if *update {
		sshtest.WriteFile(t, file, text)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s\n got: %s\nwant: %s", file, text, want)
	}
}

// lab is what one case of TestConnectErrors changes.
type lab struct {
	*sshtest.SSHD
	o     sshexec.Options
	host  string
	words []string
}

func (l *lab) word(from, to string) { l.words = append(l.words, from, to) }

type errorCase struct {
	name  string
	kind  sshexec.Kind
	sshd  []string
	setup func(*testing.T, *lab)
}

var errorCases = []errorCase{
	{name: "host-key-unknown", kind: sshexec.KindHostKeyUnknown, setup: func(t *testing.T, l *lab) { l.o.KnownHosts = nil }},
	{name: "host-key-unknown-project", kind: sshexec.KindHostKeyUnknown, setup: func(t *testing.T, l *lab) {
		l.o.KnownHosts = []string{sshtest.WriteFile(t, filepath.Join(l.Dir, "empty"), "# none yet\n")}
	}},
	{name: "host-key-changed", kind: sshexec.KindHostKeyChanged, setup: changedKey},
	{name: "host-key-revoked", kind: sshexec.KindHostKeyRevoked, setup: func(t *testing.T, l *lab) {
		line := "@revoked * " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(l.HostKey.Signer.PublicKey())))
		l.o.KnownHosts = []string{sshtest.WriteFile(t, filepath.Join(l.Dir, "revoked"), line+"\n")}
	}},
	{name: "wrong-user", kind: sshexec.KindAuthRefused, setup: func(t *testing.T, l *lab) { l.o.User = "nobody-here" }},
	{name: "key-refused", kind: sshexec.KindAuthRefused, setup: func(t *testing.T, l *lab) {
		l.o.Keys = []string{sshtest.WriteKey(t, stranger(t, l), l.Dir, "stranger")}
	}},
	{name: "agent-without-key", kind: sshexec.KindNoKeys, setup: func(t *testing.T, l *lab) {
		l.o.Keys, l.o.AgentSocket = nil, sshtest.Agent(t)
		l.word(l.o.AgentSocket, "AGENT")
	}},
	{name: "no-key", kind: sshexec.KindNoKeys, setup: func(t *testing.T, l *lab) { l.o.Keys = nil }},
	{name: "key-file-missing", kind: sshexec.KindNoKeys, setup: func(t *testing.T, l *lab) {
		l.o.Keys = []string{filepath.Join(l.Dir, "nowhere")}
	}},
	{name: "key-with-passphrase", kind: sshexec.KindAuthRefused, setup: func(t *testing.T, l *lab) {
		l.o.Keys = []string{locked(t, l.UserKey, l.Dir)}
	}},
	{name: "key-data-bad", kind: sshexec.KindNoKeys, setup: func(t *testing.T, l *lab) {
		l.o.Keys, l.o.KeyData = nil, []secret.Secret{secret.New("hunter2")}
	}},
	{name: "refused-port", kind: sshexec.KindUnreachable, setup: func(t *testing.T, l *lab) {
		l.o.Port = sshtest.FreePort(t)
		l.word(fmt.Sprint(l.o.Port), "OTHER")
	}},
	{name: "name-unknown", kind: sshexec.KindDNS, setup: func(t *testing.T, l *lab) {
		l.host, l.o.DNSRetries = "no-such-host.invalid", -1
	}},
	{name: "black-hole", kind: sshexec.KindTimeout, setup: func(t *testing.T, l *lab) {
		l.o.Port = silent(t)
		l.o.ConnectTimeout = 300 * time.Millisecond
		l.word(fmt.Sprint(l.o.Port), "OTHER")
	}},
	{name: "black-hole-tcp", kind: sshexec.KindTimeout, setup: func(t *testing.T, l *lab) {
		l.o.Port = full(t)
		l.o.ConnectTimeout = 300 * time.Millisecond
		l.word(fmt.Sprint(l.o.Port), "OTHER")
	}},
	{name: "max-startups", kind: sshexec.KindHandshake, sshd: []string{"MaxStartups 1:100:1", "LoginGraceTime 60"}, setup: func(t *testing.T, l *lab) {
		// The only place is held; the probe that waited for sshd may hold it first.
		sshtest.WaitFor(t, "the place", func() bool {
			c, err := net.Dial("tcp", l.Addr)
			if err != nil {
				return false
			}
			t.Cleanup(func() { c.Close() })
			head := make([]byte, 4)
			_, err = io.ReadFull(c, head)
			return err == nil && string(head) == "SSH-"
		})
	}},
	{name: "not-ssh", kind: sshexec.KindHandshake, setup: func(t *testing.T, l *lab) {
		l.o.Port = says(t, "HTTP/1.1 400 Bad Request\r\n\r\n")
		l.word(fmt.Sprint(l.o.Port), "OTHER")
	}},
	{name: "jump-down", kind: sshexec.KindJumpFailed, setup: func(t *testing.T, l *lab) {
		port := sshtest.FreePort(t)
		l.o.Proxy = fmt.Sprintf("%s@127.0.0.1:%d", l.User, port)
		l.word(fmt.Sprint(port), "OTHER")
	}},
	{name: "jump-cannot-reach", kind: sshexec.KindJumpFailed, setup: func(t *testing.T, l *lab) {
		l.o.Proxy = fmt.Sprintf("%s@127.0.0.1:%d", l.User, l.Port)
		l.o.Port = sshtest.FreePort(t)
		l.word(fmt.Sprint(l.o.Port), "OTHER")
	}},
	{name: "jump-forwarding-off", kind: sshexec.KindJumpFailed, sshd: []string{"AllowTcpForwarding no"}, setup: func(t *testing.T, l *lab) {
		l.o.Proxy = fmt.Sprintf("%s@127.0.0.1:%d", l.User, l.Port)
	}},
	{name: "proxy-command-failed", kind: sshexec.KindProxyCommand, setup: func(t *testing.T, l *lab) {
		l.o.ProxyCommand = "sh -c 'echo no route to %h >&2; exit 3'"
	}},
	{name: "jump-loop", kind: sshexec.KindConfig, setup: func(t *testing.T, l *lab) {
		l.o.ConfigOff = false
		l.o.ConfigFiles = []string{sshtest.WriteFile(t, filepath.Join(l.Dir, "config"), "Host *\n  ProxyJump bastion\n")}
	}},
	{name: "no-common-algorithm", kind: sshexec.KindHandshake, sshd: []string{"KexAlgorithms diffie-hellman-group18-sha512"}, setup: func(*testing.T, *lab) {}},
}

func changedKey(t *testing.T, l *lab) {
	other := stranger(t, l)
	line := fmt.Sprintf("[127.0.0.1]:%d %s", l.Port, other.AuthorizedKey())
	l.o.KnownHosts = []string{sshtest.WriteFile(t, filepath.Join(l.Dir, "other"), line)}
	l.o.AskHostKey = func(context.Context, sshexec.HostKeyQuestion) (bool, error) {
		t.Error("a changed key was asked about")
		return true, nil
	}
}

func stranger(t *testing.T, l *lab) sshtest.Key {
	k := sshtest.NewKey(t, "ed25519")
	l.word(k.Fingerprint(), "SHA256:STRANGER")
	return k
}

func TestConnectErrors(t *testing.T) {
	for _, tc := range errorCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := sshtest.StartSSHD(t, tc.sshd...)
			l := &lab{SSHD: s, o: options(t, s), host: "127.0.0.1"}
			l.word(s.Dir, "DIR")
			tc.setup(t, l)
			d := sshexec.New(l.o)
			defer d.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := d.Dial(ctx, l.host)
			var ce *sshexec.ConnectError
			if !errors.As(err, &ce) || ce.Kind != tc.kind {
				t.Fatalf("%#v\n%v\nsshd: %s", err, err, s.Log())
			}
			pub := strings.Fields(s.HostKey.AuthorizedKey())[1]
			golden(t, tc.name, err.Error(), append(l.words, pub, "HOSTKEY", s.HostKey.Fingerprint(), "SHA256:HOST",
				s.UserKey.Fingerprint(), "SHA256:USER", fmt.Sprint(s.Port), "PORT", l.o.HomeDir, "HOME", s.User, "USER")...)
		})
	}
}

func TestErrorsAfterLogin(t *testing.T) {
	t.Run("forwarding-off", func(t *testing.T) {
		s := sshtest.StartSSHD(t, "AllowTcpForwarding no", "AllowStreamLocalForwarding no")
		c := dial(t, options(t, s), "127.0.0.1")
		_, err := c.DialUnix(t.Context(), "/var/run/docker.sock")
		var re *sshexec.RefusedError
		if !errors.As(err, &re) {
			t.Fatalf("%#v", err)
		}
		golden(t, "forwarding-off-unix", err.Error(), s.User, "USER")
		_, err = c.ListenTCP(t.Context(), "127.0.0.1:0")
		if !errors.As(err, &re) {
			t.Fatalf("%#v", err)
		}
		golden(t, "forwarding-off-listen", err.Error())
	})
	t.Run("max-sessions-0", func(t *testing.T) {
		s := sshtest.StartSSHD(t, "MaxSessions 0")
		c := dial(t, options(t, s), "127.0.0.1")
		_, err := c.Run(t.Context(), run.Cmd{Name: "look", Line: "true"})
		var re *sshexec.RefusedError
		if !errors.As(err, &re) {
			t.Fatalf("%#v", err)
		}
		golden(t, "max-sessions-0", err.Error())
	})
}

// locked writes k with a passphrase.
func locked(t *testing.T, k sshtest.Key, dir string) string {
	t.Helper()
	return sshtest.WriteFile(t, filepath.Join(dir, "locked"), string(sshtest.LockedPEM(t, k, "open sesame")))
}

// silent accepts connections and never says a word; it gives its port.
func silent(t *testing.T) int { return says(t, "") }

func says(t *testing.T, greeting string) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if greeting != "" {
				fmt.Fprint(c, greeting)
				c.Close()
				continue
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// full is the port of a listener whose queue has no room: the kernel drops what
// comes, like a firewall that swallows packets.
func full(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		err = errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	sa, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := sa.(*syscall.SockaddrInet4).Port
	for {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 100*time.Millisecond)
		if err != nil {
			return port
		}
		t.Cleanup(func() { c.Close() })
	}
}
