//go:build engine

package docker_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/warmlyyours/hwdeploy/internal/docker"
)

// These tests need a Docker engine at its usual socket (build tag engine). All
// they make carries the label hwdeploy-test=<random> and goes with the test.

const socket = "/var/run/docker.sock"

func dialLocal(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", socket)
}

// world is one test's corner of the engine.
type world struct {
	*docker.Client
	t     *testing.T
	label string // "hwdeploy-test=…"
	image string // "hwdeploy-test/…:v1"
	dials *counter
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) dial(ctx context.Context) (net.Conn, error) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return dialLocal(ctx)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	id := random(t)
	w := &world{t: t, label: "hwdeploy-test=" + id, image: "hwdeploy-test/" + id + ":v1", dials: &counter{}}
	w.Client = docker.New(w.dials.dial, docker.Options{Host: "here"})
	t.Cleanup(w.sweep)
	w.importImage()
	return w
}

func random(t *testing.T) string {
	t.Helper()
	b := make([]byte, 6)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

// importImage makes an image of the probe program and two files, without any
// registry.
func (w *world) importImage() {
	w.t.Helper()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	bin, err := os.ReadFile(probe(w.t))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range []struct {
		name string
		mode int64
		data []byte
	}{{"probe", 0o755, bin}, {"data/a.txt", 0o644, []byte("alpha")}, {"data/sub/b.txt", 0o644, []byte("beta")}} {
		if err := tw.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.data)), Typeflag: tar.TypeReg}); err != nil {
			w.t.Fatal(err)
		}
		if _, err := tw.Write(f.data); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		w.t.Fatal(err)
	}
	raw := rawClient(w.t)
	r, err := raw.ImageImport(w.t.Context(), image.ImportSource{Source: &buf, SourceName: "-"}, w.image, image.ImportOptions{
		Changes: []string{`ENTRYPOINT ["/probe"]`, "LABEL service=probe", "LABEL " + w.label},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); err != nil {
		w.t.Fatal(err)
	}
}

func rawClient(t *testing.T) *client.Client {
	t.Helper()
	raw, err := client.NewClientWithOpts(client.WithHost("unix://"+socket), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return raw
}

var probeOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hwdeploy-probe")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "probe")
	cmd := exec.Command("go", "build", "-o", out, "./testdata/probe")
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
	os.Exit(code)
}

func (w *world) sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	list, err := w.List(ctx, docker.ListOptions{All: true, Labels: []string{w.label}})
	if err != nil {
		w.t.Error(err)
	}
	for _, c := range list {
		if err := w.Remove(ctx, c.ID, docker.RemoveOptions{Force: true}); err != nil && !docker.IsNotFound(err) {
			w.t.Error(err)
		}
	}
	if _, err := rawClient(w.t).ImagesPrune(ctx, filters.NewArgs(filters.Arg("dangling", "false"), filters.Arg("label", w.label))); err != nil {
		w.t.Error(err)
	}
	w.Close()
}

// create makes a container of the probe.
func (w *world) create(name string, cmd ...string) string {
	w.t.Helper()
	k, v, _ := bytes.Cut([]byte(w.label), []byte("="))
	id, err := w.Create(w.t.Context(), docker.CreateOptions{
		Name: name, Image: w.image, Cmd: cmd, Labels: map[string]string{string(k): string(v), "role": "web", "destination": ""},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) running(name string) string {
	w.t.Helper()
	id := w.create(name, "serve")
	if err := w.Start(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// eventually polls until ok or ten seconds have passed.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("not within 10 s: " + what)
		}
	}
}
