//go:build engine

package build_test

import (
	"archive/tar"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh/agent"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// both gives each kind of builder.
func both(t *testing.T, f func(t *testing.T, b *build.Builder)) {
	t.Helper()
	t.Run("engine", func(t *testing.T) { f(t, engine(t)) })
	t.Run("daemon", func(t *testing.T) { f(t, daemon(t)) })
}

// output builds and gives what steps printed.
func output(t *testing.T, b *build.Builder, r build.Request) string {
	t.Helper()
	var text strings.Builder
	r.Progress = func(u build.Update) {
		if u.Kind == build.KindOutput {
			text.WriteString(u.Text)
		}
	}
	if _, err := b.Build(within(t), r); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// A step sees the keys of the agent that its mount names, and no other step does.
func TestSSHMount(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key, Comment: "the deploy key"}); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "agent") // a short path
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, conn) //nolint:errcheck // it ends with the connection
		}
	}()
	both(t, func(t *testing.T, b *build.Builder) {
		p := loaded(t, map[string]string{"Dockerfile": lines(
			"FROM scratch", "COPY probe /probe",
			`RUN --mount=type=ssh,id=deploy ["/probe", "agent"]`, `RUN ["/probe", "getenv", "SSH_AUTH_SOCK"]`)})
		got := output(t, b, p.request(func(r *build.Request) {
			r.NoCache, r.SSH = true, []build.SSH{{ID: "deploy", Paths: []string{socket}}}
		}))
		if !strings.Contains(got, "the deploy key") || strings.Contains(got, "agent.") {
			t.Errorf("printed %q", got)
		}
	})
}

// With the cache inside the image, another builder of the same registry need not
// run the steps again.
func TestInlineCache(t *testing.T) {
	s := newTokens(t)
	p := newProject(t, map[string]string{"Dockerfile": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "write", "/made", "x"]`)})
	r := p.request(func(r *build.Request) {
		r.Auth, r.CacheTo = s.auth, []build.Cache{{Type: "inline"}}
		r.Output = build.Output{Names: []string{s.host() + "/o/app:v1"}, Push: true}
	})
	if _, err := daemon(t).Build(within(t), r); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(s.pushed, "/v2/o/app/manifests/v1") {
		t.Errorf("pushed %v", s.pushed)
	}
	r.CacheTo, r.CacheFrom = nil, []build.Cache{{Type: "registry", Attrs: map[string]string{"ref": s.host() + "/o/app:v1"}}}
	imported := false
	r.Progress = func(u build.Update) { imported = imported || strings.Contains(u.Name, "importing cache manifest") }
	if _, err := daemon(t).Build(within(t), r); err != nil || !imported {
		t.Errorf("imported: %t, %v", imported, err)
	}
}

// A push without a name leaves none in the registry; its digest is that of a push
// with one.
func TestPushByDigest(t *testing.T) {
	s := newTokens(t)
	p := newProject(t, map[string]string{"Dockerfile": lines("FROM scratch", "COPY probe /probe")})
	digest := func(o build.Output) string {
		t.Helper()
		res, err := daemon(t).Build(within(t), p.request(func(r *build.Request) { r.Auth, r.Output = s.auth, o }))
		if err != nil {
			t.Fatal(err)
		}
		return res.Digest
	}
	bare := digest(build.Output{Names: []string{s.host() + "/o/app"}, Push: true, ByDigest: true})
	if slices.ContainsFunc(s.pushed, func(p string) bool { return !strings.Contains(p, "/manifests/sha256:") }) || len(s.pushed) == 0 {
		t.Errorf("pushed %v", s.pushed)
	}
	if named := digest(build.Output{Names: []string{s.host() + "/o/app:v1"}, Push: true}); named != bare {
		t.Errorf("with a name %s, without %s", named, bare)
	}
}

// The result can be a folder or an archive here.
func TestExports(t *testing.T) {
	p := newProject(t, map[string]string{"Dockerfile": lines("FROM scratch", "COPY a.txt /"), "a.txt": "a"})
	both(t, func(t *testing.T, b *build.Builder) {
		dir := t.TempDir()
		if _, err := b.Build(within(t), p.request(func(r *build.Request) { r.Output.Export = &build.Export{Type: "local", Dir: dir} })); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "a.txt")); err != nil || string(text) != "a" {
			t.Errorf("%q, %v", text, err)
		}
	})
	file := filepath.Join(t.TempDir(), "image.tar")
	e := &build.Export{Type: "docker", Open: func() (io.WriteCloser, error) { return os.Create(file) }}
	if _, err := daemon(t).Build(within(t), p.request(func(r *build.Request) { r.Output.Export = e })); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatal("the archive has no manifest.json: ", err)
		}
		if h.Name == "manifest.json" {
			break
		}
	}
	_, err = engine(t).Build(within(t), p.request(func(r *build.Request) { r.Output.Export = e }))
	if err == nil || !strings.Contains(err.Error(), "docker-container driver") {
		t.Errorf("an engine exports: %v", err)
	}
}
