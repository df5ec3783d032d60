//go:build engine

package build_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/lab"
)

// started is the BuildKit daemon of the lab, once a test has asked for it. It
// shares this machine's network: everything that is pushed goes to a registry
// inside the test.
var started *lab.BuildKit

var daemonOnce = sync.OnceValues(func() (d *lab.BuildKit, err error) {
	started, err = lab.StartBuildKit(context.Background(), lab.Options{Name: "buildtest"})
	return started, err
})

func daemon(t *testing.T) *build.Builder {
	t.Helper()
	d, err := daemonOnce()
	if err != nil {
		t.Fatal(err)
	}
	b, err := build.Daemon(t.Context(), func(ctx context.Context) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "unix", d.Socket)
	}, "builder")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

const password = "s3cret"

// tokens is a registry with the login of GHCR: a token server that takes the
// password, and a registry that only takes tokens.
type tokens struct {
	*httptest.Server
	mu       sync.Mutex
	pushed   []string // "PUT /v2/…/manifests/…"
	password int      // times it reached the registry itself, in whatever form
}

func newTokens(t *testing.T) *tokens {
	t.Helper()
	s := &tokens{}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			s.token(w, r)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, p, ok := r.BasicAuth(); ok && p == password {
			s.password++
		}
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+s.URL+`/token",service="r",scope="repository:x:pull"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			s.pushed = append(s.pushed, r.URL.Path)
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *tokens) token(w http.ResponseWriter, r *http.Request) {
	_, p, _ := r.BasicAuth()
	if r.Method == http.MethodPost {
		p = r.FormValue("password")
	}
	if p != password {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if err := json.NewEncoder(w).Encode(map[string]string{"token": "t0ken", "access_token": "t0ken"}); err != nil {
		panic(err)
	}
}

func (s *tokens) host() string { return s.Listener.Addr().String() }

func (s *tokens) auth(string) (string, secret.Secret) { return "robot", secret.New(password) }

func read(t *testing.T, b build.Blob) []byte {
	t.Helper()
	r, err := b.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func check(t *testing.T, img build.Image) {
	t.Helper()
	for _, b := range img.Blobs {
		if data := read(t, b); int64(len(data)) != b.Size || digestOf(data) != b.Digest || b.MediaType == "" {
			t.Errorf("blob %+v: %d bytes, %s", b, len(data), digestOf(data))
		}
	}
	for _, m := range img.Manifests {
		if digestOf(m.Data) != m.Digest || !strings.HasPrefix(m.MediaType, "application/vnd.oci.image.") {
			t.Errorf("manifest %s %s", m.Digest, m.MediaType)
		}
	}
}

func TestDaemonHandsOutWhatItPushes(t *testing.T) {
	s := newTokens(t)
	p := newProject(t, map[string]string{
		"Dockerfile": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "write", "/made", "x"]`, "COPY a.txt /"),
		"a.txt":      strings.Repeat("a", 3_000_000),
	})
	b := daemon(t)
	kept, err := b.Build(within(t), p.request())
	if err != nil {
		t.Fatal(err)
	}
	img, err := b.Content(t.Context(), kept.Digest)
	if err != nil {
		t.Fatal(err)
	}
	if len(img.Manifests) != 1 || img.Manifests[0].Digest != kept.Digest || len(img.Blobs) != 4 {
		t.Errorf("%d manifests, %d blobs", len(img.Manifests), len(img.Blobs))
	}
	check(t, img)
	var cfg struct {
		Config struct{ Labels map[string]string }
	}
	if err := json.Unmarshal(read(t, img.Blobs[0]), &cfg); err != nil || cfg.Config.Labels["service"] != "app" {
		t.Errorf("labels %v, %v", cfg.Config.Labels, err)
	}

	pushed, err := b.Build(within(t), p.request(func(r *build.Request) {
		r.Output = build.Output{Names: []string{s.host() + "/o/app:v1", s.host() + "/o/app:latest"}, Push: true}
		r.Auth = s.auth
	}))
	if err != nil || pushed.Digest != kept.Digest {
		t.Errorf("pushed %+v, kept %+v, %v", pushed, kept, err)
	}
	slices.Sort(s.pushed)
	if !slices.Equal(slices.Compact(s.pushed), []string{"/v2/o/app/manifests/latest", "/v2/o/app/manifests/v1"}) {
		t.Errorf("pushed %v", s.pushed)
	}
	if s.password != 0 {
		t.Errorf("the builder had the password: %d times", s.password)
	}
}

func TestPrivateBaseImage(t *testing.T) {
	s := newTokens(t)
	b := daemon(t)
	base := newProject(t, map[string]string{"Dockerfile": lines("FROM scratch", "COPY probe /probe")})
	if _, err := b.Build(within(t), base.request(func(r *build.Request) {
		r.Output, r.Auth = build.Output{Names: []string{s.host() + "/o/base:1"}, Push: true}, s.auth
	})); err != nil {
		t.Fatal(err)
	}
	p := newProject(t, map[string]string{"Dockerfile": lines("FROM "+s.host()+"/o/base:1", `RUN ["/probe", "write", "/made", "`+base.repo+`"]`)})
	res, err := b.Build(within(t), p.request(func(r *build.Request) { r.Auth = s.auth }))
	if err != nil {
		t.Fatal(err)
	}
	img, err := b.Content(t.Context(), res.Digest)
	if err != nil {
		t.Fatal(err)
	}
	check(t, img)
	_, err = b.Build(within(t), p.request(func(r *build.Request) {
		r.NoCache = true
		r.Auth = func(string) (string, secret.Secret) { return "robot", secret.New("wr0ng") }
	}))
	var be *build.BuildError
	if !errors.As(err, &be) || !strings.Contains(be.Step, "load metadata") || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("wrong password: %v", err)
	}
}

func TestPlatformsAndProvenance(t *testing.T) {
	p := newProject(t, map[string]string{"Dockerfile": lines("FROM scratch", "ARG TARGETARCH", "COPY a.txt /$TARGETARCH"), "a.txt": "a"})
	b := daemon(t)
	for _, tc := range []struct {
		provenance string
		manifests  int
	}{{"", 3}, {"mode=max", 5}} {
		res, err := b.Build(within(t), p.request(func(r *build.Request) {
			r.Platforms, r.Provenance = []string{"linux/amd64", "linux/arm64"}, tc.provenance
		}))
		if err != nil {
			t.Fatal(err)
		}
		img, err := b.Content(t.Context(), res.Digest)
		if err != nil {
			t.Fatal(err)
		}
		check(t, img)
		if n := len(img.Manifests); n != tc.manifests || img.Manifests[n-1].Digest != res.Digest {
			t.Errorf("provenance %q: %d manifests, last %s, want %s", tc.provenance, n, img.Manifests[n-1].Digest, res.Digest)
		}
	}
}

func TestDaemonExplainsAFailedStep(t *testing.T) {
	p := newProject(t, map[string]string{
		"docker/Dockerfile.web": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "exit", "17", "the reason"]`),
		"Broken":                "FROM scratch\nCOPPY x y\n",
	})
	b := daemon(t)
	_, err := b.Build(within(t), p.request(func(r *build.Request) { r.Dockerfile = "docker/Dockerfile.web" }))
	var be *build.BuildError
	if !errors.As(err, &be) || be.ExitCode != 17 || be.File != "Dockerfile.web" || be.Line != 3 || !slices.Equal(be.Log, []string{"the reason"}) || !strings.Contains(be.Step, "exit") {
		t.Errorf("%+v", be)
	}
	_, err = b.Build(within(t), p.request(func(r *build.Request) { r.Dockerfile = "Broken" }))
	if !errors.As(err, &be) || be.File != "Broken" || be.Line != 2 {
		t.Errorf("%+v", be)
	}
}

func TestRegistryCache(t *testing.T) {
	s := newTokens(t)
	p := newProject(t, map[string]string{"Dockerfile": lines("FROM scratch", "COPY probe /probe", `RUN ["/probe", "write", "/made", "x"]`)})
	b := daemon(t)
	ref := s.host() + "/o/app-build-cache"
	request := p.request(func(r *build.Request) {
		r.Auth = s.auth
		r.CacheTo = []build.Cache{{Type: "registry", Attrs: map[string]string{"ref": ref, "mode": "max"}}}
		r.CacheFrom = []build.Cache{{Type: "registry", Attrs: map[string]string{"ref": ref}}}
	})
	for range 2 {
		if _, err := b.Build(within(t), request); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Contains(s.pushed, "/v2/o/app-build-cache/manifests/latest") {
		t.Errorf("pushed %v", s.pushed)
	}
}

func TestUnknownContent(t *testing.T) {
	_, err := daemon(t).Content(t.Context(), digestOf([]byte("nothing")))
	var nc *build.NoContentError
	if !errors.As(err, &nc) {
		t.Errorf("%T %v", err, err)
	}
}

func TestReady(t *testing.T) {
	if err := daemon(t).Ready(within(t)); err != nil {
		t.Error(err)
	}
	none, err := build.Daemon(t.Context(), func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", t.TempDir()+"/none.sock")
	}, "builder")
	if err != nil {
		t.Fatal(err)
	}
	defer none.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var lost *build.LostError
	if err := none.Ready(ctx); !errors.As(err, &lost) || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
}
