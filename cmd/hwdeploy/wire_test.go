package main

import (
	"io/fs"
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
