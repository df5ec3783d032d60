package registry_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/registry"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/registry"
)

const (
	user     = "robot"
	password = "s3cret/with:all+kinds"
)

// server is a real registry handler behind the kinds of login that registries
// have, and behind faults.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	seen  []string                                          // "METHOD /path"
	fault func(w http.ResponseWriter, r *http.Request) bool // true = answered
	mode  string                                            // "", "basic", "bearer"
	deny  bool                                              // 403 to every write
	bare  atomic.Int32                                      // requests that carried the password in any form
}

func newServer(t *testing.T, mode string) *server {
	t.Helper()
	s := &server{mode: mode}
	inner := ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0)))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.Path)
		fault := s.fault
		s.mu.Unlock()
		if _, p, ok := r.BasicAuth(); ok && p == password {
			s.bare.Add(1)
		}
		if r.URL.Path == "/token" {
			s.token(w, r)
			return
		}
		if !s.authorized(w, r) || (fault != nil && fault(w, r)) {
			return
		}
		if s.deny && r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuse(w, http.StatusForbidden, "DENIED", "permission_denied: write_package")
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	u, p, ok := r.BasicAuth()
	if r.Method == http.MethodPost { // OAuth form
		u, p, ok = r.FormValue("username"), r.FormValue("password"), true
	}
	if ok && (u != user || p != password) {
		refuse(w, http.StatusForbidden, "DENIED", "denied")
		return
	}
	if err := json.NewEncoder(w).Encode(map[string]string{"token": "t0ken", "access_token": "t0ken"}); err != nil {
		panic(err)
	}
}

func (s *server) authorized(w http.ResponseWriter, r *http.Request) bool {
	u, p, _ := r.BasicAuth()
	switch {
	case s.mode == "basic" && (u != user || p != password):
		w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
	case s.mode == "bearer" && r.Header.Get("Authorization") != "Bearer t0ken":
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+s.URL+`/token",service="r"`)
	default:
		return true
	}
	refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
	return false
}

func (s *server) host() string { return s.Listener.Addr().String() }

func (s *server) repo() string { return s.host() + "/o/app" }

// requests counts what has been asked since the last call.
func (s *server) requests(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.seen {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	s.seen = nil
	return n
}

func (s *server) setFault(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *server) client(t *testing.T, change ...func(*registry.Options)) *registry.Client {
	t.Helper()
	o := registry.Options{Server: s.host(), Username: user, Password: secret.New(password), RetryWait: time.Millisecond}
	for _, f := range change {
		f(&o)
	}
	return newClient(t, o)
}

func newClient(t *testing.T, o registry.Options) *registry.Client {
	t.Helper()
	c, err := registry.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// dialTo is a transport that reaches one server under every name.
func dialTo(addr string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}}
}

// disk is an image as files, and how often each was opened.
type disk struct {
	t     *testing.T
	dir   string
	mu    sync.Mutex
	opens map[string]int
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	return &disk{t: t, dir: t.TempDir(), opens: map[string]int{}}
}

func (d *disk) blob(mediaType string, data []byte) registry.Blob {
	d.t.Helper()
	sum := sha256.Sum256(data)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	path := filepath.Join(d.dir, digest)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		d.t.Fatal(err)
	}
	return registry.Blob{
		Digest: digest, Size: int64(len(data)), MediaType: mediaType,
		Open: func(context.Context) (io.ReadCloser, error) {
			d.mu.Lock()
			d.opens[digest]++
			d.mu.Unlock()
			return os.Open(path)
		},
	}
}

func (d *disk) opened() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, k := range d.opens {
		n += k
	}
	clear(d.opens)
	return n
}

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	ociConfig   = "application/vnd.oci.image.config.v1+json"
	ociLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// image makes a content of one platform with layers of the given sizes.
func (d *disk) image(arch, service string, sizes ...int) registry.Content {
	d.t.Helper()
	labels := map[string]string{}
	if service != "" {
		labels["service"] = service
	}
	cfg := d.json(map[string]any{
		"os": "linux", "architecture": arch, "config": map[string]any{"Labels": labels}, "rootfs": map[string]any{"type": "layers"},
	})
	c := registry.Content{Blobs: []registry.Blob{d.blob(ociConfig, cfg)}}
	var layers []any
	for _, n := range sizes {
		data := make([]byte, n)
		if _, err := rand.Read(data); err != nil {
			d.t.Fatal(err)
		}
		b := d.blob(ociLayer, data)
		c.Blobs = append(c.Blobs, b)
		layers = append(layers, descriptor(b.MediaType, b.Digest, b.Size))
	}
	m := d.json(map[string]any{
		"schemaVersion": 2, "mediaType": ociManifest, "layers": layers,
		"config": descriptor(ociConfig, c.Blobs[0].Digest, c.Blobs[0].Size),
	})
	c.Manifests = []registry.Manifest{{MediaType: ociManifest, Data: m}}
	return c
}

func descriptor(mediaType, digest string, size int64) map[string]any {
	return map[string]any{"mediaType": mediaType, "digest": digest, "size": size}
}

func (d *disk) json(v any) []byte {
	d.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return bytes.TrimSpace(b)
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
