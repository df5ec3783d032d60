//go:build engine

package build_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// project is a folder to build and what it is built into.
type project struct {
	t     *testing.T
	dir   string
	label string
	repo  string
}

func newProject(t *testing.T, files map[string]string) *project {
	t.Helper()
	id := make([]byte, 6)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, dir: t.TempDir(), label: "hwdeploy-test", repo: "hwdeploy-test/" + hex.EncodeToString(id)}
	bin, err := os.ReadFile(probe(t))
	if err != nil {
		t.Fatal(err)
	}
	p.write("probe", string(bin))
	if err := os.Chmod(filepath.Join(p.dir, "probe"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		p.write(name, text)
	}
	return p
}

func (p *project) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) request(change ...func(*build.Request)) build.Request {
	r := build.Request{
		Dir: p.dir, SharedKey: p.repo, Labels: map[string]string{p.label: filepath.Base(p.repo), "service": "app"},
		Output: build.Output{Names: []string{p.repo + ":v1", p.repo + ":latest"}},
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

var probeOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hwdeploy-probe")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "probe")
	cmd := exec.Command("go", "build", "-o", out, "../docker/testdata/probe")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(text))
	}
	return out, nil
})

func probe(t *testing.T) string {
	t.Helper()
	path, err := probeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := probeOnce(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	if started != nil {
		if err := started.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }
