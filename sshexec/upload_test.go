package sshexec_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// names lists what is in a folder, hidden files too.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestUpload(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	dir := t.TempDir()
	for _, tc := range []struct {
		name    string
		content string
		mode    fs.FileMode
	}{
		{"plain", "X=1\n", 0o600},
		{"sub/folder/x.env", "", 0o644},
		{"it's a \"name\" $HOME `x` ; #", "a\x00b\n", 0o640},
		{"-dash", strings.Repeat("0123456789", 100_000), 0o755},
		{"plain", "X=2\n", 0o400},
		{"ünï – ok", "ü", 0o600},
		{"new\nline", "x", 0o600},
	} {
		path := filepath.Join(dir, tc.name)
		if err := c.Upload(t.Context(), path, []byte(tc.content), tc.mode); err != nil {
			t.Errorf("%q: %v", tc.name, err)
			continue
		}
		got, err := os.ReadFile(path)
		st, serr := os.Stat(path)
		if err != nil || serr != nil || string(got) != tc.content || st.Mode().Perm() != tc.mode {
			t.Errorf("%q: %v %v %v", tc.name, st, err, serr)
		}
	}
	if left := names(t, dir); strings.Contains(left, ".hwdeploy") {
		t.Error(left)
	}
}

// Until it is whole, an upload changes nothing, and leaves nothing.
func TestUploadBroken(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	dir := t.TempDir()
	path := sshtest.WriteFile(t, filepath.Join(dir, "x.env"), "old")
	check := func(name string, err error) {
		t.Helper()
		got, rerr := os.ReadFile(path)
		if err == nil || rerr != nil || string(got) != "old" || names(t, dir) != "x.env" {
			t.Errorf("%s: %v %v %q, folder has %s", name, err, rerr, got, names(t, dir))
		}
	}
	check("short", c.UploadFrom(t.Context(), path, strings.NewReader("new"), 4, 0o600))
	check("long", c.UploadFrom(t.Context(), path, strings.NewReader("newer"), 4, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	check("cancelled", c.UploadFrom(ctx, path, endless{}, 1<<40, 0o600))
	check("no folder", errors.Join(c.Upload(t.Context(), path+"/y", nil, 0o600)))
	check("a folder", errors.Join(c.Upload(t.Context(), dir, nil, 0o600)))
	check("no name", errors.Join(c.Upload(t.Context(), dir+"/", nil, 0o600)))
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// The content is closed to others before its first byte is there.
func TestUploadModeFirst(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.UploadFrom(ctx, filepath.Join(dir, "s.env"), endless{}, 1<<40, 0o600) }()
	sshtest.WaitFor(t, "bytes", func() bool {
		for _, n := range strings.Fields(names(t, dir)) {
			st, err := os.Stat(filepath.Join(dir, n))
			if err == nil && st.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %o", n, st.Mode().Perm())
			}
			if err == nil && st.Size() > 0 {
				return true
			}
		}
		return false
	})
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// pathWithout makes a folder of links to the usual programs but one.
func pathWithout(t *testing.T, word string) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"/bin", "/usr/bin"} {
		entries, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() == word {
				continue
			}
			if err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrExist) {
				t.Fatal(err)
			}
		}
	}
	return dir
}

var _ run.Runner = (*sshexec.Client)(nil)
