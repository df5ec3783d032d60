package deploy

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// The files of boot_config are not for everybody's eyes, as with Kamal.
func TestBootConfigFilesAreClosed(t *testing.T) {
	dir := t.TempDir()
	h := withLines(t, func(line string) (run.Result, error) {
		return run.Local{}.Run(t.Context(), run.Cmd{Line: "umask 022; " + line, Dir: dir, Env: os.Environ()})
	}, http.NotFound)
	e := &Engine{Config: &config.Config{}, Selection: &config.Selection{ProxyHosts: []string{"a"}}, hosts: map[string]Host{"a": h}}
	c := kamal.DefaultBootConfig()
	c.HTTPPort, c.ImageVersion = 8081, "v0.9.9"
	if err := e.BootConfigSet(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"options": "-rw-r-----", "image_version": "-rw-r-----", ".": "drwxr-xr-x"} {
		info, err := os.Stat(filepath.Join(dir, kamal.BootConfigDir, file))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().String() != want {
			t.Errorf("%s: %v, want %s", file, info.Mode(), want)
		}
	}
}
