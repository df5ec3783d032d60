package sshexec_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// works dials and runs a command.
func works(t *testing.T, o sshexec.Options, host string) error {
	t.Helper()
	d := sshexec.New(o)
	defer d.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := d.Dial(ctx, host)
	if err != nil {
		return err
	}
	_, err = c.Run(ctx, run.Cmd{Line: "true"})
	return err
}

func TestKnownHostsForms(t *testing.T) {
	dir := t.TempDir()
	rsa, ecdsa := sshtest.NewKey(t, "rsa"), sshtest.NewKey(t, "ecdsa")
	s := sshtest.StartSSHD(t, "HostKey "+sshtest.WriteKey(t, rsa, dir, "rsa"), "HostKey "+sshtest.WriteKey(t, ecdsa, dir, "ecdsa"))
	ed := s.HostKey.AuthorizedKey()
	name := fmt.Sprintf("[127.0.0.1]:%d", s.Port)
	other := sshtest.NewKey(t, "ed25519").AuthorizedKey()
	for _, tc := range []struct {
		name string
		file string
		ok   bool
	}{
		{"plain", name + " " + ed, true},
		{"hashed", knownhosts.Line(nil, s.HostKey.Signer.PublicKey()) + "\n" + hashed(name) + " " + ed, true},
		{"hashed, another host", hashed("[127.0.0.1]:1") + " " + ed, false},
		{"only rsa is known", name + " " + rsa.AuthorizedKey(), true},
		{"only ecdsa is known", name + " " + ecdsa.AuthorizedKey(), true},
		{"all types", name + " " + ed + name + " " + rsa.AuthorizedKey() + name + " " + ecdsa.AuthorizedKey(), true},
		{"wildcard", "127.0.0.* " + ed, true},
		{"negated", "!127.0.0.1,* " + ed, false},
		{"list of names", "other,127.0.0.1," + name + " " + ed, true},
		{"the right one after a wrong one", name + " " + other + name + " " + ed, true},
		{"a wrong one", name + " " + other, false},
		{"odd lines", "garbage\n" + name + " ssh-future AAAA\n# note\n\n" + name + " " + ed, true},
		{"revoked", name + " " + ed + "@revoked * " + ed, false},
		{"empty", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := options(t, s)
			o.KnownHosts = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "known_hosts"), tc.file)}
			if err := works(t, o, "127.0.0.1"); (err == nil) != tc.ok {
				t.Error(err)
			}
		})
	}
}

func hashed(name string) string { return xknownhosts.HashHostname(name) }

// The project's file decides for the hosts that it knows; the user's is for others.
func TestKnownHostsOrder(t *testing.T) {
	s := sshtest.StartSSHD(t)
	o := options(t, s)
	right := fmt.Sprintf("[127.0.0.1]:%d %s", s.Port, s.HostKey.AuthorizedKey())
	wrong := fmt.Sprintf("[127.0.0.1]:%d %s", s.Port, sshtest.NewKey(t, "ed25519").AuthorizedKey())
	project := filepath.Join(t.TempDir(), "known_hosts")
	user := filepath.Join(o.HomeDir, ".ssh", "known_hosts")
	o.KnownHosts = []string{project}
	for _, tc := range []struct {
		project, user string
		ok            bool
	}{
		{"", right, true}, {right, wrong, true}, {wrong, right, false}, {"", wrong, false},
	} {
		sshtest.WriteFile(t, project, tc.project)
		sshtest.WriteFile(t, user, tc.user)
		if err := works(t, o, "127.0.0.1"); (err == nil) != tc.ok {
			t.Errorf("%v", err)
		}
	}
}

// A key that one of the user's and the machine's files revokes is refused, though
// another knows it.
func TestARevokedKeyIsRefusedWhicheverFileSaysSo(t *testing.T) {
	s := sshtest.StartSSHD(t)
	o := options(t, s)
	o.KnownHosts = nil
	dir := filepath.Join(o.HomeDir, ".ssh")
	sshtest.WriteFile(t, filepath.Join(dir, "known_hosts"), fmt.Sprintf("[127.0.0.1]:%d %s", s.Port, s.HostKey.AuthorizedKey()))
	sshtest.WriteFile(t, filepath.Join(dir, "known_hosts2"), "@revoked * "+s.HostKey.AuthorizedKey())
	var ce *sshexec.ConnectError
	if err := works(t, o, "127.0.0.1"); !errors.As(err, &ce) || ce.Kind != sshexec.KindHostKeyRevoked {
		t.Error(err)
	}
}

// A host certificate is checked against @cert-authority, whose key is of another
// type than the host's; a plain key of an unlisted host is unknown, not changed.
func TestHostCertificate(t *testing.T) {
	ca, host := sshtest.NewKey(t, "ecdsa"), sshtest.NewKey(t, "ed25519")
	dir := t.TempDir()
	sshtest.WriteKey(t, host, dir, "host")
	sshtest.WriteFile(t, filepath.Join(dir, "host-cert.pub"), certificate(t, ca, host, ssh.HostCert, "127.0.0.1"))
	s := sshtest.StartSSHD(t, "HostKey "+filepath.Join(dir, "host"), "HostCertificate "+filepath.Join(dir, "host-cert.pub"))
	o := options(t, s)
	file := filepath.Join(t.TempDir(), "known_hosts")
	o.KnownHosts = []string{file}
	sshtest.WriteFile(t, file, "@cert-authority * "+ca.AuthorizedKey())
	if err := works(t, o, "127.0.0.1"); err != nil {
		t.Error(err)
	}
	sshtest.WriteFile(t, file, "@cert-authority * "+sshtest.NewKey(t, "ecdsa").AuthorizedKey())
	if err := works(t, o, "127.0.0.1"); err == nil {
		t.Error("another authority's certificate was taken")
	}
	plain := sshtest.StartSSHD(t)
	o = options(t, plain)
	o.KnownHosts = []string{file}
	sshtest.WriteFile(t, file, "@cert-authority * "+ca.AuthorizedKey())
	if err := works(t, o, "127.0.0.1"); kind(err) != sshexec.KindHostKeyUnknown {
		t.Error(err)
	}
}

// certificate signs key for a principal and gives the .pub line.
func certificate(t *testing.T, ca, key sshtest.Key, kind uint32, principal string) string {
	t.Helper()
	c := &ssh.Certificate{
		Key: key.Signer.PublicKey(), CertType: kind, ValidPrincipals: []string{principal}, KeyId: "test",
		ValidAfter: uint64(time.Now().Add(-time.Hour).Unix()), ValidBefore: uint64(time.Now().Add(time.Hour).Unix()),
	}
	if err := c.SignCert(rand.Reader, ca.Signer); err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(c))
}

// An unknown key is asked about once, however many hosts stand behind the name,
// noted, and known to the next run.
func TestAskHostKey(t *testing.T) {
	s := sshtest.StartSSHD(t)
	o := options(t, s)
	o.KnownHosts, o.ConfigOff = nil, false
	o.ConfigFiles = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "config"), "Host web-*\n HostName 127.0.0.1\n HostKeyAlias web\n HashKnownHosts yes\n")}
	file := filepath.Join(o.HomeDir, ".ssh", "known_hosts")
	sshtest.WriteFile(t, file, "# no newline at the end")
	var asked []sshexec.HostKeyQuestion
	o.AskHostKey = func(_ context.Context, q sshexec.HostKeyQuestion) (bool, error) {
		asked = append(asked, q)
		return true, nil
	}
	if err := works(t, o, "web-1"); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 1 || asked[0].Fingerprint != s.HostKey.Fingerprint() || asked[0].KeyType != "ssh-ed25519" || asked[0].Host != "web" || asked[0].File != file {
		t.Fatalf("%+v", asked)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "# no newline at the end\n|1|") {
		t.Errorf("%q %v", text, err)
	}
	if err := works(t, o, "web-2"); err != nil || len(asked) != 1 {
		t.Error(err, asked)
	}
	o.AskHostKey = func(context.Context, sshexec.HostKeyQuestion) (bool, error) { return false, nil }
	o.HomeDir = t.TempDir()
	if err := works(t, o, "web-1"); kind(err) != sshexec.KindHostKeyUnknown {
		t.Error(err)
	}
}

// Twenty hosts that share a key ask one question: the others wait for its answer.
func TestAskOnce(t *testing.T) {
	s := sshtest.StartSSHD(t)
	o := options(t, s)
	o.KnownHosts, o.ConfigOff = nil, false
	o.ConfigFiles = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "config"), "Host web-*\n HostName 127.0.0.1\n")}
	var mu sync.Mutex
	asked := 0
	o.AskHostKey = func(context.Context, sshexec.HostKeyQuestion) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		return true, nil
	}
	d := sshexec.New(o)
	defer d.Close()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := d.Dial(t.Context(), fmt.Sprintf("web-%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestStrictHostKeyChecking(t *testing.T) {
	s := sshtest.StartSSHD(t)
	for _, tc := range []struct {
		value string
		known bool // another key is
		ok    bool
	}{
		{"accept-new", false, true}, {"accept-new", true, false}, {"no", false, true}, {"no", true, false},
		{"yes", false, false}, {"ask", false, false},
	} {
		o := options(t, s)
		o.KnownHosts, o.ConfigOff = nil, false
		user := filepath.Join(o.HomeDir, ".ssh", "other_hosts")
		if tc.known {
			sshtest.WriteFile(t, user, fmt.Sprintf("[127.0.0.1]:%d %s", s.Port, sshtest.NewKey(t, "ed25519").AuthorizedKey()))
		}
		o.ConfigFiles = []string{sshtest.WriteFile(t, filepath.Join(t.TempDir(), "config"),
			"StrictHostKeyChecking "+tc.value+"\nUserKnownHostsFile ~/.ssh/other_hosts\n")}
		if err := works(t, o, "127.0.0.1"); (err == nil) != tc.ok {
			t.Errorf("%+v: %v", tc, err)
		}
		if _, err := os.Stat(user); tc.ok && err != nil {
			t.Errorf("%+v: the key was not noted", tc)
		}
	}
}

// A line that cannot be read makes a copy necessary; people are sent to their file.
func TestAChangedKeyIsNamedInThePersonsFile(t *testing.T) {
	s := sshtest.NewServer(t, sshtest.Options{})
	other := sshtest.NewServer(t, sshtest.Options{})
	home := t.TempDir()
	line := strings.Replace(other.KnownHostsLine(), strconv.Itoa(other.Port()), strconv.Itoa(s.Port()), 1)
	file := sshtest.WriteFile(t, filepath.Join(home, "known"), "nonsense\n"+line)
	d := sshexec.New(sshexec.Options{
		User: "deploy", Port: s.Port(), ConfigOff: true, HomeDir: home, KnownHosts: []string{file},
		KeyData: []secret.Secret{secret.New(string(sshtest.NewKey(t, "ed25519").PEM))},
	})
	defer d.Close() //nolint:errcheck // nothing was connected
	_, err := d.Dial(t.Context(), "127.0.0.1")
	if kind(err) != sshexec.KindHostKeyChanged || !strings.Contains(err.Error(), file+":2 ") {
		t.Error(err)
	}
}
