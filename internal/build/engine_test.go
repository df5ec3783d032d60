//go:build engine

package build_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// These tests need a Docker engine at its usual socket (build tag engine). Their
// images carry the label hwdeploy-test=<random> and go with the test.

const socket = "/var/run/docker.sock"

// hijack speaks just enough HTTP to turn a call into a stream.
func hijack(ctx context.Context, path, proto string, meta map[string][]string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://docker"+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	for k, v := range meta {
		req.Header[http.CanonicalHeaderKey(k)] = v
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", proto)
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, errors.New(resp.Status)
	}
	return &buffered{conn, r}, nil
}

type buffered struct {
	net.Conn
	r *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

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
	t.Cleanup(p.sweep)
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

func (p *project) sweep() {
	out, err := exec.Command("docker", "image", "prune", "--all", "--force", "--filter", "label="+p.label+"="+filepath.Base(p.repo)).CombinedOutput()
	if err != nil {
		p.t.Errorf("sweep: %v: %s", err, out)
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

// run runs the image's probe and gives its output.
func (p *project) run(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("docker", append([]string{"run", "--rm", "--network", "none", p.repo + ":v1"}, args...)...).CombinedOutput()
	if err != nil {
		p.t.Errorf("run %v: %v", args, err)
	}
	return string(out)
}

func engine(t *testing.T) *build.Builder {
	t.Helper()
	b, err := build.Engine(t.Context(), hijack, "here")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
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
	os.Exit(code)
}

func inspect(t *testing.T, ref string) (id string, labels map[string]string) {
	t.Helper()
	out, err := exec.Command("docker", "image", "inspect", ref).Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		ID     string `json:"Id"`
		Config struct{ Labels map[string]string }
	}
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	return list[0].ID, list[0].Config.Labels
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }
