package image

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/registry"
)

// meeting lets nobody pass before all have come. It does not listen to a context:
// the first one who leaves may fail, and who leaves after him has come all the same.
type meeting struct{ sync.WaitGroup }

func (m *meeting) come() error {
	m.Done()
	met := make(chan struct{})
	go func() { m.Wait(); close(met) }()
	select {
	case <-met:
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("the others did not come")
	}
}

// slowClone is a checkout that waits for the others.
type slowClone struct {
	checkout
	come func() error
}

func (s slowClone) Clone(context.Context) (string, error) { return "/the/clone", s.come() }

// jobAt is a build for that registry.
func jobAt(t *testing.T, server *httptest.Server) *job {
	t.Helper()
	address := strings.TrimPrefix(server.URL, "http://")
	client, err := registry.New(registry.Options{Server: address})
	if err != nil {
		t.Fatal(err)
	}
	m := maker(t, "builder: {arch: amd64}", map[string]string{})
	m.Config.Registry.Server = address
	return &job{Maker: m, access: Access{Client: client}}
}

// Registry, clone and builder are waited for side by side; where one of them
// fails its error is told, the connection is closed and the builder was asked
// nothing.
func TestPrepare(t *testing.T) {
	down := errors.New("no route to the builder")
	for _, tc := range []struct {
		what   string
		status int
		dial   error
		clone  error
		want   string
		closed int32
	}{
		{"the registry refuses", http.StatusForbidden, nil, nil, "check the right to push", 1},
		{"no builder", http.StatusAccepted, down, nil, "builder: no route", 0},
		{"no clone", http.StatusAccepted, nil, errors.New("no clone"), "no clone", 1},
	} {
		var all meeting
		all.Add(3)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				return
			}
			if err := all.come(); err != nil {
				t.Errorf("%s: registry: %v", tc.what, err)
			}
			w.WriteHeader(tc.status)
		}))
		defer server.Close()
		j := jobAt(t, server)
		m := j.Maker
		m.Checkout = slowClone{checkout{revision: "abc"}, func() error { return errors.Join(all.come(), tc.clone) }}
		var closed atomic.Int32
		engine := docker.New(func(context.Context) (net.Conn, error) {
			t.Errorf("%s: the builder was asked", tc.what)
			return nil, down
		}, docker.Options{})
		m.Dial = func(context.Context) (Machine, error) {
			err := errors.Join(all.come(), tc.dial)
			return Machine{Docker: engine, Close: func() error { closed.Add(1); return nil }}, err
		}
		_, err := j.prepare(t.Context())
		if err == nil || !strings.Contains(err.Error(), tc.want) || closed.Load() != tc.closed {
			t.Errorf("%s: %v, closed %d times", tc.what, err, closed.Load())
		}
	}
}

// Some registries answer 403 for a tag that is not there: that is a build; other
// failures are not.
func TestARegistryThatHidesWhatIsNotThere(t *testing.T) {
	for status, fails := range map[int]bool{http.StatusForbidden: false, http.StatusNotFound: false, http.StatusUnauthorized: true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/" {
				w.WriteHeader(status)
			}
		}))
		defer server.Close()
		j := jobAt(t, server)
		j.o.Version, j.key = "v1", "hw-1"
		made, err := j.there(t.Context())
		if (err != nil) != fails || made.Digest != "" {
			t.Errorf("%d: %v, %+v", status, err, made)
		}
	}
}
