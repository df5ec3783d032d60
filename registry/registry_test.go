package registry_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/registry"
)

func anonymous(o *registry.Options) { o.Username, o.Password = "", secret.Secret{} }
func wrong(o *registry.Options)     { o.Password = secret.New("wr0ng") }

func TestLogin(t *testing.T) {
	for _, tc := range []struct {
		name, mode string
		change     func(*registry.Options)
		refused    string
	}{
		{"open", "", anonymous, ""},
		{"basic", "basic", func(*registry.Options) {}, ""},
		{"basic, wrong", "basic", wrong, "refuses user robot: UNAUTHORIZED: authentication required (401 Unauthorized)"},
		{"basic, none", "basic", anonymous, "refuses an anonymous user: UNAUTHORIZED"},
		{"bearer", "bearer", func(*registry.Options) {}, ""},
		{"bearer, wrong", "bearer", wrong, "refuses user robot: DENIED: denied (403 Forbidden)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t, tc.mode)
			err := s.client(t, tc.change).Login(t.Context())
			if tc.refused == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var ae *registry.AuthError
			if !errors.As(err, &ae) || ae.Server != s.host() || len(ae.Hints()) == 0 {
				t.Fatalf("%T: %v", err, err)
			}
			if want := "log in to " + s.host() + ": " + s.host() + " " + tc.refused; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("err = %v\nwant   %s", err, want)
			}
			if strings.Contains(err.Error(), "wr0ng") {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestHintsForGHCR(t *testing.T) {
	e := &registry.AuthError{Server: "ghcr.io", User: "u", Status: 403}
	if hints := strings.Join(e.Hints(), "\n"); !strings.Contains(hints, "write:packages") || !strings.Contains(hints, "role on the package") {
		t.Error(hints)
	}
}

func TestCheckPush(t *testing.T) {
	for _, mode := range []string{"basic", "bearer"} {
		s := newServer(t, mode)
		if err := s.client(t).CheckPush(t.Context(), s.repo()); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		s.deny = true
		err := s.client(t).CheckPush(t.Context(), s.repo())
		var ae *registry.AuthError
		if !errors.As(err, &ae) || ae.Status != http.StatusForbidden || !strings.Contains(err.Error(), "permission_denied: write_package") {
			t.Errorf("%s, denied: %v", mode, err)
		}
	}
}

func TestKindsOfFailure(t *testing.T) {
	s := newServer(t, "bearer")
	c := s.client(t)
	d := newDisk(t)
	if _, err := c.Push(t.Context(), s.repo(), d.image("amd64", "app", 100), []string{"v1"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		status int
		code   string
		kind   registry.Kind
		tries  int
	}{
		{http.StatusTooManyRequests, "TOOMANYREQUESTS", registry.KindRateLimited, 3},
		{http.StatusBadGateway, "", registry.KindServer, 3},
		{http.StatusNotFound, "MANIFEST_UNKNOWN", registry.KindNotFound, 1},
		{http.StatusTeapot, "", registry.KindOther, 2}, // HEAD, then GET
	} {
		var tries atomic.Int32
		s.setFault(func(w http.ResponseWriter, _ *http.Request) bool {
			tries.Add(1)
			refuse(w, tc.status, tc.code, "no")
			return true
		})
		_, err := c.Resolve(t.Context(), s.repo()+":v1")
		var e *registry.Error
		if !errors.As(err, &e) || e.Kind != tc.kind || e.Status != tc.status || int(tries.Load()) != tc.tries {
			t.Errorf("%d: kind %v, %d tries, %v", tc.status, e, tries.Load(), err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	s := newServer(t, "")
	c := s.client(t)
	s.Close()
	err := c.Login(t.Context())
	var e *registry.Error
	if !errors.As(err, &e) || e.Kind != registry.KindUnreachable || !strings.HasSuffix(err.Error(), "no answer from "+e.Server+": connection refused") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	if err := c.Login(ctx); !errors.Is(err, why) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPlainHTTPNeedsPermission(t *testing.T) {
	for _, name := range []string{"registry.example.com", "registry.example.com:5000", "10.1.2.3:5000", "registry.local:5000"} {
		s := newServer(t, "basic")
		options := registry.Options{Server: name, Username: user, Password: secret.New(password), Transport: dialTo(s.host()), RetryWait: time.Millisecond}
		err := newClient(t, options).Login(t.Context())
		var e *registry.Error
		if !errors.As(err, &e) || e.Kind != registry.KindPlainHTTP || !strings.Contains(err.Error(), "speaks plain HTTP, which is not allowed") {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.bare.Load(); n != 0 {
			t.Errorf("%s: the password was sent %d times", name, n)
		}
		options.Insecure = true
		if err := newClient(t, options).Login(t.Context()); err != nil {
			t.Errorf("%s, insecure: %v", name, err)
		}
	}
}

func TestCredentialsStayWithTheirRegistry(t *testing.T) {
	s := newServer(t, "")
	c := s.client(t)
	for _, ref := range []string{"ghcr.io/o/app:v1", "o/app:v1"} {
		if _, err := c.Resolve(t.Context(), ref); err == nil || !strings.Contains(err.Error(), "is not in the registry "+s.host()) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if _, err := c.Resolve(t.Context(), s.host()+"/UPPER:v1"); err == nil {
		t.Error("upper case: want an error")
	}
	if s.requests("") != 0 {
		t.Error("something was sent")
	}
}

func TestEncodedAuth(t *testing.T) {
	for _, tc := range []struct{ server, address string }{{"ghcr.io", "ghcr.io"}, {"", "https://index.docker.io/v1/"}, {"docker.io", "https://index.docker.io/v1/"}} {
		c := newClient(t, registry.Options{Server: tc.server, Username: user, Password: secret.New("a?b>c")})
		h, err := c.EncodedAuth()
		if err != nil {
			t.Fatal(err)
		}
		b, err := base64.URLEncoding.DecodeString(h.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		if err := json.Unmarshal(b, &got); err != nil || got["username"] != user || got["password"] != "a?b>c" || got["serveraddress"] != tc.address {
			t.Errorf("%q: %v, %v", tc.server, got, err)
		}
	}
	if h, err := newClient(t, registry.Options{Server: "ghcr.io"}).EncodedAuth(); err != nil || !h.IsZero() {
		t.Errorf("anonymous: %v, %v", h, err)
	}
	if got := newClient(t, registry.Options{}).Server(); got != "docker.io" {
		t.Errorf("server = %q", got)
	}
}

func TestSameServer(t *testing.T) {
	for _, c := range []struct {
		server, image string
		want          bool
	}{
		{"", "redis", true},
		{"docker.io", "library/postgres:17", true},
		{"", "ghcr.io/acme/db:1", false},
		{"ghcr.io", "ghcr.io/acme/db:1", true},
		{"ghcr.io", "acme/db", false},
		{"localhost:5555", "localhost:5555/db", true},
		{"localhost:5555", "localhost:5556/db", false},
	} {
		if got := registry.SameServer(c.server, c.image); got != c.want {
			t.Errorf("SameServer(%q, %q) = %v", c.server, c.image, got)
		}
	}
}

// A registry that takes a question and never answers ends it.
func TestASilentRegistryIsUnreachable(t *testing.T) {
	s := newServer(t, "")
	s.setFault(func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	c := s.client(t, func(o *registry.Options) { o.Silence = 50 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var e *registry.Error
	if err := c.Login(ctx); !errors.As(err, &e) || e.Kind != registry.KindUnreachable {
		t.Error(err)
	}
}

// What stands in front of a registry may know no DELETE: the right to push is known
// by then, and the trial upload is forgotten anyway.
func TestATrialThatCannotBeGivenUp(t *testing.T) {
	s := newServer(t, "")
	s.setFault(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodDelete {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	if err := s.client(t).CheckPush(t.Context(), s.repo()); err != nil || s.requests("DELETE") == 0 {
		t.Error(err)
	}
}
