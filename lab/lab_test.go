package lab

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"name with blank": {Name: "a b"}, "name with slash": {Name: "../x"}, "upper case": {Name: "Lab"}, "cache": {Name: "cache"}, "long": {Name: strings.Repeat("a", 32)},
		"negative": {Hosts: -1}, "many": {Hosts: maxHosts + 1},
	} {
		if _, err := o.withDefaults(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	o, err := Options{}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	is(t, "name", o.Name, "lab")
	if _, err := os.Stat(filepath.Join(o.Root, "lab", "doc.go")); err != nil || o.Hosts != 1 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestAccount(t *testing.T) {
	dir := t.TempDir()
	user, first, err := Options{}.account(dir)
	if err != nil || user != "lab" || len(first) < 20 {
		t.Fatalf("%q %q %v", user, first, err)
	}
	_, second, err := Options{}.account(dir)
	if err != nil || second != first {
		t.Errorf("a second Up: %q after %q, %v", second, first, err)
	}
	if u, p, _ := (Options{Username: "a", Password: "b"}).account(dir); u != "a" || p != "b" {
		t.Errorf("given: %q %q", u, p)
	}
	if u, p, _ := (Options{Anonymous: true}).account(dir); u != "" || p != "" {
		t.Errorf("anonymous: %q %q", u, p)
	}
}

func TestMirror(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"deb822", "Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm\n", "http://mirror.test/debian"},
		{"one line", "deb [signed-by=/x] https://mirror.test/debian/ bookworm main\n", "https://mirror.test/debian/"},
		{"security only", "URIs: http://mirror.test/debian-security\n", ""},
		{"third party", "deb https://packages.test/repo x main\n", ""},
		{"comment", "# deb http://mirror.test/debian x\n", ""},
	}
	for _, tt := range tests {
		file := filepath.Join(t.TempDir(), "sources")
		if err := os.WriteFile(file, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		is(t, tt.name, mirrorIn(file), tt.want)
	}
	is(t, "no file", mirrorIn("/nonexistent"), "")
}

func TestKnownHostsAreUnderstood(t *testing.T) {
	l := paper(t)
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(l.Hosts[0].HostKeys[0]))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(l.Dir, "through-relay")
	to := map[string]string{"lab-1": "127.0.0.10", "lab-2": "127.0.0.11"}
	if err := l.WriteSSHFiles(filepath.Join(l.Dir, "config2"), other, to, 2222); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ file, name, addr string }{
		{l.KnownHosts, "lab-1:22", "172.28.9.11:22"}, {other, "lab-2:2222", "127.0.0.11:2222"},
	} {
		check, err := knownhosts.New(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		addr, err := net.ResolveTCPAddr("tcp", tt.addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(tt.name, addr, key); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err := check(tt.addr, addr, key); err != nil {
			t.Errorf("%s: %v", tt.addr, err)
		}
		if err := check("lab-9:22", addr, key); err == nil {
			t.Error("an unknown name was accepted")
		}
	}
}

func TestHash(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.go")
	sum := func(texts ...string) string {
		h, err := hashOf([]string{dir}, texts...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	seen := map[string]string{sum(): "empty"}
	differs := func(what, h string) {
		if before, ok := seen[h]; ok {
			t.Errorf("%s has the hash of %s", what, before)
		}
		seen[h] = what
	}
	differs("text", sum("ab", "c"))
	differs("texts split elsewhere", sum("a", "bc"))
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	with := sum()
	differs("file", with)
	if err := os.WriteFile(filepath.Join(dir, "a_test.go"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	is(t, "with a test", sum(), with)
}

func TestPack(t *testing.T) {
	data, err := pack(entry{name: "d/", mode: 0o755, uid: 7}, entry{name: "d/f", data: []byte("x"), mode: 0o600}, entry{name: "l", link: "d/f"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, h.FileInfo().Mode().String()+" "+h.Name+h.Linkname)
	}
	is(t, "entries", strings.Join(got, ", "), "drwxr-xr-x d/, -rw------- d/f, Lrwxrwxrwx ld/f")
}

func TestLockWaits(t *testing.T) {
	b := &builder{}
	file := filepath.Join(t.TempDir(), "lock")
	unlock, err := b.lock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.lock(short, file); err == nil {
		t.Fatal("two have the lock")
	}
	unlock()
	again, err := b.lock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestCommandError(t *testing.T) {
	_, err := run(t.Context(), command{argv: []string{"sh", "-c", "echo out; echo why >&2; exit 7"}})
	var failed *CommandError
	if !errors.As(err, &failed) || failed.Code != 7 || failed.Stdout != "out\n" || !strings.Contains(err.Error(), "why") {
		t.Errorf("%#v", err)
	}
}
