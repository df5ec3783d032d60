package deploy

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

const (
	newID     = "aaaaaaaaaaaabbbb"
	newTarget = "aaaaaaaaaaaa:80"
	oldTarget = "cccccccccccc:80"
)

// A deploy whose client was cut off goes on in kamal-proxy: it may take the new
// container while that is being stopped.
func TestAProxyThatSwapsWhileTheNewContainerStopsIsPointedBack(t *testing.T) {
	for name, swaps := range map[string]bool{"swaps": true, "does not": false} {
		t.Run(name, func(t *testing.T) {
			var serves atomic.Value
			var stopped atomic.Bool
			serves.Store(oldTarget)
			h := withEngine(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/containers/"+newID+"/stop" && !stopped.Swap(true) && swaps {
					serves.Store(newTarget)
				}
				w.WriteHeader(http.StatusNoContent)
			})
			ctx, cancel := context.WithCancel(t.Context())
			h.run = func(c run.Cmd) (run.Result, error) {
				switch {
				case strings.Contains(c.Line, newTarget): // Ctrl-C
					cancel()
					return run.Result{}, context.Canceled
				case strings.Contains(c.Line, oldTarget):
					serves.Store(oldTarget)
				}
				return run.Result{Stdout: "app-web * / " + serves.Load().(string) + " running no\n"}, nil
			}
			e := &Engine{Config: &config.Config{Service: "app", Roles: []*config.Role{{Name: "web"}}}, Sink: &recorder{}}
			w := newWorker(e, Request{}, &held{})
			s := plan.Step{Host: "web-1", Role: "web", Boot: &plan.Boot{
				Role: "web", Service: "app-web", Port: 80, Existing: newID, Old: &plan.Ref{ID: "cccccccccccc"}, OldTarget: oldTarget,
			}}
			back, err := w.switchTo(ctx, h, s)
			if err == nil || back == nil {
				t.Fatalf("%v, undo %v", err, back != nil)
			}
			for _, undo := range []func(context.Context) error{back, func(ctx context.Context) error { return w.stopNew(ctx, h, s) }} {
				if err := undo(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := serves.Load(); got != oldTarget {
				t.Errorf("the proxy serves %s", got)
			}
		})
	}
}
