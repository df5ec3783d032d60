package sshexec_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
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

var pages = fstest.MapFS{
	"502.html":                           {Data: []byte("<h1>502</h1>"), Mode: 0o644},
	"img":                                {Mode: fs.ModeDir | 0o750},
	"img/logo 1.svg":                     {Data: bytes.Repeat([]byte("x"), 100_000), Mode: 0o600},
	"bin/run":                            {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
	"empty":                              {Data: nil, Mode: 0o644},
	strings.Repeat("long", 40) + ".html": {Data: []byte("long"), Mode: 0o644},
}

func checkTree(t *testing.T, dir string) {
	t.Helper()
	got := os.DirFS(dir)
	for name, f := range pages {
		st, err := fs.Stat(got, name)
		if err != nil {
			t.Error(err)
			continue
		}
		if st.Mode() != f.Mode {
			t.Errorf("%s: mode %v, want %v", name, st.Mode(), f.Mode)
		}
		if text, err := fs.ReadFile(got, name); !st.IsDir() && (err != nil || !bytes.Equal(text, f.Data)) {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
}

func TestUploadTree(t *testing.T) {
	for _, tar := range []bool{true, false} {
		s := sshtest.StartSSHD(t)
		if !tar {
			s = sshtest.StartSSHD(t, "SetEnv PATH="+pathWithout(t, "tar"))
		}
		c := dial(t, options(t, s), "127.0.0.1")
		root := t.TempDir()
		dir := filepath.Join(root, "error pages", "V1")
		if err := c.UploadTree(t.Context(), pages, dir); err != nil {
			t.Fatal(err)
		}
		checkTree(t, dir)
		sshtest.WriteFile(t, filepath.Join(dir, "old.html"), "old")
		if err := c.UploadTree(t.Context(), pages, dir+"/"); err != nil {
			t.Fatal(err)
		}
		checkTree(t, dir)
		if tar && strings.Contains(names(t, dir), "old.html") {
			t.Error("what was there before is still there")
		}
		if n := names(t, filepath.Dir(dir)); n != "V1" {
			t.Error(n)
		}
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

// A tree that cannot be read whole is not put up in part.
func TestUploadTreeBroken(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	root := t.TempDir()
	dir := filepath.Join(root, "pages")
	sshtest.WriteFile(t, filepath.Join(dir, "old.html"), "old")
	local := t.TempDir()
	sshtest.WriteFile(t, filepath.Join(local, "a.html"), "new")
	if err := os.Symlink("/etc/passwd", filepath.Join(local, "b.html")); err != nil {
		t.Fatal(err)
	}
	err := c.UploadTree(t.Context(), os.DirFS(local), dir)
	if err == nil || !strings.Contains(err.Error(), "b.html") || names(t, dir) != "old.html" || names(t, root) != "pages" {
		t.Error(err, names(t, dir), names(t, root))
	}
	for _, bad := range []string{"", ".", "/"} {
		if err := c.UploadTree(t.Context(), pages, bad); err == nil {
			t.Errorf("%q was replaced", bad)
		}
	}
}

var _ run.Runner = (*sshexec.Client)(nil)
