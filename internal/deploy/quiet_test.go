package deploy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// oneWorker is an engine with a single container, without a policy that would
// revive it.
type oneWorker struct {
	mu      sync.Mutex
	running bool
	started time.Time
}

func (o *oneWorker) serve(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch r.URL.Path {
	case "/containers/old/stop":
		o.running = false
		w.WriteHeader(http.StatusNoContent)
	case "/containers/old/start":
		o.running, o.started = true, o.started.Add(time.Hour)
		w.WriteHeader(http.StatusNoContent)
	case "/containers/old/wait":
		_, _ = io.WriteString(w, `{"StatusCode":0}`)
	case "/containers/old/json":
		_, _ = fmt.Fprintf(w, `{"Id":"old","State":{"Running":%v,"StartedAt":%q},"HostConfig":{"RestartPolicy":{"Name":"no"}},"Config":{}}`,
			o.running, o.started.Format(time.RFC3339Nano))
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
			o := &oneWorker{running: true, started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
			h := withEngine(t, o.serve)
			w := newWorker(&Engine{}, Request{}, &held{})
			told := map[string]time.Time{"old": o.started}
			again := func(context.Context) error { return nil }
			if c.stops {
				var err error
				if again, err = w.stopOld(t.Context(), h, plan.Step{Boot: &plan.Boot{Old: &plan.Ref{ID: "old"}}}); err != nil {
					t.Fatal(err)
				}
			} else {
				o.running = false // it died by itself, and nothing revives it
			}
			if c.again {
				if err := again(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			before := o.started
			if err := w.resume(t.Context(), h, told); err != nil {
				t.Fatal(err)
			}
			if o.running != c.running || o.started.After(before) != c.resume {
				t.Errorf("running %v, started by the resume %v", o.running, o.started.After(before))
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
