//go:build engine

package build_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"

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

// loaded is a project whose images the engine keeps until the test is over.
func loaded(t *testing.T, files map[string]string) *project {
	t.Helper()
	p := newProject(t, files)
	t.Cleanup(p.sweep)
	return p
}

func (p *project) sweep() {
	out, err := exec.Command("docker", "image", "prune", "--all", "--force", "--filter", "label="+p.label+"="+filepath.Base(p.repo)).CombinedOutput()
	if err != nil {
		p.t.Errorf("sweep: %v: %s", err, out)
	}
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
