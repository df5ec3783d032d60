package registryd

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

type world struct {
	t       *testing.T
	ref     name.Reference
	control string
}

func start(t *testing.T) world {
	t.Helper()
	s := New("lab", "right")
	reg, control := httptest.NewServer(s), httptest.NewServer(s.Control())
	t.Cleanup(func() { reg.Close(); control.Close() })
	ref, err := name.ParseReference(strings.TrimPrefix(reg.URL, "http://") + "/demo/shop:v1")
	if err != nil {
		t.Fatal(err)
	}
	return world{t, ref, control.URL}
}

func (w world) push(password string) error {
	img, err := random.Image(100, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	return remote.Write(w.ref, img, remote.WithAuth(&authn.Basic{Username: "lab", Password: password}), remote.WithRetryBackoff(remote.Backoff{Steps: 1}))
}

// Behind tokens the same images are there, for who has a token that fits.
func TestTokens(t *testing.T) {
	s := New("lab", "right")
	reg := httptest.NewServer(s.Tokens())
	t.Cleanup(reg.Close)
	ref, err := name.ParseReference(strings.TrimPrefix(reg.URL, "http://") + "/demo/shop:v1")
	if err != nil {
		t.Fatal(err)
	}
	img, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	write := func(password string) error {
		return remote.Write(ref, img, remote.WithAuth(&authn.Basic{Username: "lab", Password: password}))
	}
	var refused *transport.Error
	if err := write("wrong"); !errors.As(err, &refused) || refused.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong password: %v", err)
	}
	if err := write("right"); err != nil {
		t.Error(err)
	}
	pull := s.Tokens().(*tokens)
	only := pull.sign("repository:demo/shop:pull repository:x:pull,push")
	for scope, want := range map[string]bool{
		"": true, "repository:demo/shop:pull": true, "repository:demo/shop:pull,push": false, "repository:x:pull,push": true, "repository:demo/shopx:pull": false,
	} {
		if pull.grants(only, scope) != want || pull.grants(only+"x", scope) {
			t.Errorf("%q: %t", scope, !want)
		}
	}
}

// An upload is cut as often as told, and then goes through; a blob can be wrong.
func TestCutAndCorrupt(t *testing.T) {
	w := start(t)
	w.do(http.MethodPut, "/faults", `{"cut_after": 10, "cuts": 1}`)
	if err := w.push("right"); err == nil {
		t.Error("the cut upload succeeded")
	}
	if err := w.push("right"); err != nil {
		t.Error(err)
	}
	w.do(http.MethodPut, "/faults", `{"corrupt": true}`)
	img, err := remote.Image(w.ref, remote.WithAuth(&authn.Basic{Username: "lab", Password: "right"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := img.RawConfigFile(); err != nil {
		t.Error(err)
	}
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	if r, err := layers[0].Compressed(); err != nil {
		t.Error(err)
	} else if _, err := io.Copy(io.Discard, r); err == nil {
		t.Error("a wrong blob passed")
	}
	w.do(http.MethodPut, "/faults", `{"refuse_push": 503, "times": 1}`)
	if w.push("right") == nil || w.push("right") != nil {
		t.Error("a fault of one time did not strike once")
	}
}

func (w world) pull(password string) error {
	_, err := remote.Get(w.ref, remote.WithAuth(&authn.Basic{Username: "lab", Password: password}), remote.WithRetryBackoff(remote.Backoff{Steps: 1}))
	return err
}

func (w world) do(method, path, body string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequest(method, w.control+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func wantStatus(t *testing.T, what string, err error, status int) {
	t.Helper()
	var refused *transport.Error
	if !errors.As(err, &refused) || refused.StatusCode != status {
		t.Errorf("%s: %v, want status %d", what, err, status)
	}
}

func TestAccount(t *testing.T) {
	w := start(t)
	wantStatus(t, "push, wrong password", w.push("wrong"), 401)
	wantStatus(t, "pull, wrong password", w.pull("wrong"), 401)
	if err := w.push("right"); err != nil {
		t.Error(err)
	}
	if err := w.pull("right"); err != nil {
		t.Error(err)
	}
	open := httptest.NewServer(New("", ""))
	defer open.Close()
	if resp, err := http.Get(open.URL + "/v2/"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("without accounts: %v, %v", resp, err)
	}
}

func TestFaults(t *testing.T) {
	w := start(t)
	if err := w.push("right"); err != nil {
		t.Fatal(err)
	}
	w.do(http.MethodPut, "/faults", `{"refuse_push":403}`)
	wantStatus(t, "push", w.push("right"), 403)
	if err := w.pull("right"); err != nil {
		t.Errorf("pull while pushes are refused: %v", err)
	}
	w.do(http.MethodPut, "/faults", `{"refuse_pull":503}`)
	wantStatus(t, "pull", w.pull("right"), 503)
	w.do(http.MethodPut, "/faults", `{"delay":50000000}`)
	begin := time.Now()
	if err := w.pull("right"); err != nil || time.Since(begin) < 50*time.Millisecond {
		t.Errorf("delayed pull: %v after %s", err, time.Since(begin))
	}
	if resp := w.do(http.MethodPut, "/faults", "nonsense"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("nonsense: %s", resp.Status)
	}
}

func TestLogAndForgetting(t *testing.T) {
	w := start(t)
	if err := w.push("right"); err != nil {
		t.Fatal(err)
	}
	log := func() (out []Request) {
		if err := json.NewDecoder(w.do(http.MethodGet, "/requests", "").Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	put := 0
	for _, r := range log() {
		if r.Method == http.MethodPut && r.Path == "/v2/demo/shop/manifests/v1" && r.Status == http.StatusCreated {
			put++
		}
	}
	if put != 1 {
		t.Errorf("%d puts of the manifest in %+v", put, log())
	}
	w.do(http.MethodDelete, "/requests", "")
	if n := len(log()); n != 0 {
		t.Errorf("%d requests after forgetting", n)
	}
	w.do(http.MethodDelete, "/images", "")
	wantStatus(t, "pull after forgetting", w.pull("right"), 404)
}
