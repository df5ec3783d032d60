package deploy

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// oneWorker is a host whose engine has a single container, without a policy that
// would revive it.
type oneWorker struct {
	Host
	engine *docker.Client

	mu      sync.Mutex
	running bool
	started time.Time
}

func (h *oneWorker) Name() string           { return "web1" }
func (h *oneWorker) Docker() *docker.Client { return h.engine }

func newOneWorker(t *testing.T) *oneWorker {
	t.Helper()
	h := &oneWorker{running: true, started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.engine = docker.New(func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", s.Listener.Addr().String())
	}, docker.Options{Host: "web1"})
	t.Cleanup(h.engine.Close)
	return h
}

func (h *oneWorker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/stop"):
		h.running = false
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(r.URL.Path, "/start"):
		h.running, h.started = true, h.started.Add(time.Hour)
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(r.URL.Path, "/wait"):
		_, _ = io.WriteString(w, `{"StatusCode":0}`)
	case strings.HasSuffix(r.URL.Path, "/json"):
		_, _ = fmt.Fprintf(w, `{"Id":"old","State":{"Running":%v,"StartedAt":%q},"HostConfig":{"RestartPolicy":{"Name":"no"}},"Config":{}}`,
			h.running, h.started.Format(time.RFC3339Nano))
	default:
		_, _ = io.WriteString(w, `{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"}`)
	}
}

// A run that does not return still lets its quieted workers go on; one that it
// has replaced would then work beside the new one.
func TestAReplacedWorkerIsNotResumed(t *testing.T) {
	for _, c := range []struct {
		name            string
		stops, again    bool
		running, resume bool
	}{
		{"replaced", true, false, false, false},
		{"replaced and put back", true, true, true, false},
		{"its replacement failed", false, false, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newOneWorker(t)
			w := newWorker(&Engine{}, Request{}, &held{})
			told := map[string]time.Time{"old": h.started}
			again := func(context.Context) error { return nil }
			if c.stops {
				var err error
				if again, err = w.stopOld(t.Context(), h, plan.Step{Boot: &plan.Boot{Old: &plan.Ref{ID: "old"}}}); err != nil {
					t.Fatal(err)
				}
			} else {
				h.running = false // it died by itself, and nothing revives it
			}
			if c.again {
				if err := again(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			before := h.started
			if err := w.resume(t.Context(), h, told); err != nil {
				t.Fatal(err)
			}
			if h.running != c.running || h.started.After(before) != c.resume {
				t.Errorf("running %v, started by the resume %v", h.running, h.started.After(before))
			}
		})
	}
}

// A worker that cannot be resumed leaves no other one quiet.
func TestAWorkerThatDoesNotComeBackKeepsNoOtherFromIt(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for range 8 { // the order is a map's
		var started atomic.Bool
		h := withEngine(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/containers/good/json":
				at := began
				if started.Load() {
					at = at.Add(time.Minute)
				}
				fmt.Fprintf(w, `{"Id":"good","State":{"Running":%v,"StartedAt":%q},"Config":{},"HostConfig":{"RestartPolicy":{"Name":"no"}}}`, //nolint:errcheck // a test
					started.Load(), at.Format(time.RFC3339Nano))
			case "/containers/good/wait":
				io.WriteString(w, `{"StatusCode":0}`) //nolint:errcheck // a test
			case "/containers/good/start":
				started.Store(true)
				w.WriteHeader(http.StatusNoContent)
			default:
				http.Error(w, "no", http.StatusInternalServerError)
			}
		})
		err := newWorker(&Engine{}, Request{}, &held{}).resume(t.Context(), h, map[string]time.Time{"bad": began, "good": began})
		if err == nil || !strings.Contains(err.Error(), "resume worker bad on web-1") || !started.Load() {
			t.Fatalf("the other was resumed: %v, %v", started.Load(), err)
		}
	}
}
