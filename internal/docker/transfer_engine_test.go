//go:build engine

package docker_test

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// newRegistry is a registry on this machine, with a login; engines speak plain
// HTTP with 127.0.0.0/8.
func newRegistry(t *testing.T) string {
	t.Helper()
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, _ := r.BasicAuth(); u != "robot" || p != "s3cret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func header(user, password string) secret.Secret {
	return secret.New(base64.URLEncoding.EncodeToString([]byte(`{"username":"` + user + `","password":"` + password + `"}`)))
}

func TestPushAndPullByDigest(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	repo := newRegistry(t) + "/" + strings.TrimSuffix(w.image, ":v1")
	if err := w.Tag(ctx, w.image, repo+":v1"); err != nil {
		t.Fatal(err)
	}
	moved := map[string]docker.Transfer{}
	pushed, err := w.Push(ctx, repo+":v1", docker.PushOptions{
		Auth:     header("robot", "s3cret"),
		Progress: func(p docker.Transfer) { moved[p.Layer] = p },
	})
	if err != nil || !strings.HasPrefix(pushed.Digest, "sha256:") {
		t.Fatalf("%+v, %v", pushed, err)
	}
	if len(moved) != 2 { // the image as a whole, and its layer
		t.Errorf("progress = %v", moved)
	}

	before, err := w.ImageInspect(ctx, w.image)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{repo + ":v1", w.image} {
		if _, err := w.RemoveImage(ctx, ref); err != nil {
			t.Fatal(err)
		}
	}
	ref := repo + "@" + pushed.Digest
	if err := w.Pull(ctx, ref, docker.PullOptions{Auth: header("robot", "s3cret")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Tag(ctx, ref, w.image); err != nil {
		t.Fatal(err)
	}
	after, err := w.ImageInspect(ctx, w.image)
	if err != nil || after.ID != before.ID || len(after.Digests) != 1 || after.Digests[0] != ref {
		t.Errorf("pulled %+v, %v", after.Image, err)
	}
}

func TestRefusedTransfers(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	repo := newRegistry(t) + "/" + strings.TrimSuffix(w.image, ":v1")
	if err := w.Tag(ctx, w.image, repo+":v1"); err != nil {
		t.Fatal(err)
	}
	pull := func(ref string, auth secret.Secret) error {
		return w.Pull(ctx, ref, docker.PullOptions{Auth: auth})
	}
	push := func(ref string, auth secret.Secret) error {
		return second(w.Push(ctx, ref, docker.PushOptions{Auth: auth}))
	}
	for _, tc := range []struct {
		name string
		err  error
		is   func(error) bool
	}{
		{"pull, anonymous", pull(repo+":v1", secret.Secret{}), docker.IsDenied},
		{"pull, wrong password", pull(repo+":v1", header("robot", "wr0ng")), docker.IsDenied},
		{"pull of nothing", pull(repo+":v9", header("robot", "s3cret")), docker.IsNotFound},
		{"push, anonymous", push(repo+":v1", secret.Secret{}), docker.IsDenied},
		{"push of nothing", push(repo+":v9", header("robot", "s3cret")), docker.IsNotFound},
		{"no registry", pull("127.0.0.1:1/none:x", secret.Secret{}), func(err error) bool {
			return strings.Contains(err.Error(), "connection refused") && !docker.IsDenied(err) && !docker.IsNotFound(err)
		}},
	} {
		if tc.err == nil || !tc.is(tc.err) || strings.Contains(tc.err.Error(), "wr0ng") {
			t.Errorf("%s: %v", tc.name, tc.err)
		}
	}
}
