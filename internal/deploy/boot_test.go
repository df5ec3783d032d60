package deploy

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// stopping is an engine with one container. As real ones do, it goes on stopping
// when the caller has gone, and takes a start of what still runs for done.
type stopping struct {
	mu      sync.Mutex
	running bool
	asked   chan struct{} // closed at the first stop
	once    sync.Once
	end     sync.Once     // of the container
	slow    chan struct{} // closed when the container has ended
	ends    sync.WaitGroup
}

func (s *stopping) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/containers/old/stop":
		s.ends.Add(1)
		defer s.ends.Done()
		s.once.Do(func() { close(s.asked) })
		<-s.slow
		s.end.Do(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.running = false
		})
		w.WriteHeader(http.StatusNoContent)
	case "/containers/old/start":
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		s.running = true
		w.WriteHeader(http.StatusNoContent)
	}
}

// A stop that nobody waits for any more goes on in the engine: the old container
// has to be there after it, not only while it still drains.
func TestAStopThatWasCutOffIsUndoneOnceItIsThrough(t *testing.T) {
	e := &stopping{running: true, asked: make(chan struct{}), slow: make(chan struct{})}
	h := withEngine(t, e.serve)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-e.asked
		cancel() // Ctrl-C
	}()
	again, err := newWorker(&Engine{}, Request{}, &held{}).stopOld(ctx, h, plan.Step{Boot: &plan.Boot{Old: &plan.Ref{ID: "old"}}})
	if err == nil || again == nil {
		t.Fatalf("stop: %v, undo %v", err, again != nil)
	}
	time.AfterFunc(100*time.Millisecond, func() { close(e.slow) })
	if err := again(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-e.slow
	e.ends.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.running {
		t.Error("the undo was through before the stop, and nothing runs")
	}
}

// A start that was cut off may reach the engine after the stop of its undo: nothing
// may run beside the old version in the end, whenever it comes.
func TestAStartThatComesLateStartsNothing(t *testing.T) {
	for _, when := range []string{"before the stop", "before the removal", "after all"} {
		t.Run(when, func(t *testing.T) {
			state := "created"
			start := func(at string) {
				if at == when && state != "gone" {
					state = "running"
				}
			}
			h := withEngine(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.Method + " " + r.URL.Path {
				case "POST /containers/new/stop":
					start("before the stop")
					switch state {
					case "running":
						state = "exited"
						w.WriteHeader(http.StatusNoContent)
					case "gone":
						w.WriteHeader(http.StatusNotFound)
					default:
						w.WriteHeader(http.StatusNotModified)
					}
				case "GET /containers/new/json":
					fmt.Fprintf(w, `{"Id":"new","State":{"Status":%q},"Config":{},"HostConfig":{}}`, state) //nolint:errcheck // a test
				case "DELETE /containers/new":
					if start("before the removal"); state == "running" {
						http.Error(w, `{"message":"it runs"}`, http.StatusConflict)
						return
					}
					state = "gone"
					w.WriteHeader(http.StatusNoContent)
				}
			})
			w := newWorker(&Engine{}, Request{}, &held{})
			w.remember(h.Name(), "shop-web-v2", "new")
			if err := w.stopCut(t.Context(), h, plan.Step{Boot: &plan.Boot{Container: "shop-web-v2"}}); err != nil {
				t.Fatal(err)
			}
			if start("after all"); state == "running" {
				t.Error("the new container runs")
			}
		})
	}
}
