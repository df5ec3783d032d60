package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
)

// error_pages_path is a path like any other: absolute, beside the project, below it.
func TestErrorPagesMayStandAnywhere(t *testing.T) {
	p := newProject(t, map[string]string{
		"app/config/deploy.yml": "service: shop\nimage: acme/shop\nservers: [h]\nregistry: {username: a, password: b}\nbuilder: {arch: amd64}\n",
		"pages/404.html":        "gone", "app/public/404.html": "gone",
	})
	w := &world{Dir: filepath.Join(p.dir, "app"), Home: p.dir}
	for _, path := range []string{filepath.Join(p.dir, "pages"), "../pages/", "./public"} {
		cfg, err := config.Load(t.Context(), w.options())
		if err != nil {
			t.Fatal(err)
		}
		cfg.ErrorPagesPath = path
		e, err := w.engine(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := fs.ReadFile(e.Pages, "404.html"); err != nil || string(text) != "gone" {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}

// What is committed while a run waits, for an approval or in a hook, is not built
// under the name of the commit before.
func TestARunSpeaksOfOneCommit(t *testing.T) {
	p := newProject(t, map[string]string{
		"config/deploy.yml": "service: shop\nimage: acme/shop\nservers: [h]\nregistry: {username: a, password: b}\nbuilder: {arch: amd64}\n",
		"word":              "first",
	})
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", p.dir, "-c", "user.name=t", "-c", "user.email=t@example.test"}, args...)
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "-m", "first")
	w := &world{Dir: p.dir, Home: p.dir, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "TMPDIR=" + t.TempDir()}}
	cfg, err := config.Load(t.Context(), w.options())
	if err != nil {
		t.Fatal(err)
	}
	version, err := w.appVersion(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "word"), []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("commit", "--quiet", "-am", "second")
	from := w.maker(cfg, secrets{}, nil).Checkout
	rev, err := from.Revision(t.Context())
	if err != nil || rev != version {
		t.Errorf("the image's key speaks of %s, the version of %s (%v)", rev, version, err)
	}
	dir, err := from.Clone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "word")); err != nil || string(text) != "first" {
		t.Errorf("%s is built from %q (%v)", version, text, err)
	}
}
