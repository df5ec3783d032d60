package deploy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

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
		err := (&worker{held: &held{}}).resume(t.Context(), h, map[string]time.Time{"bad": began, "good": began})
		if err == nil || !strings.Contains(err.Error(), "resume worker bad on web-1") || !started.Load() {
			t.Fatalf("the other was resumed: %v, %v", started.Load(), err)
		}
	}
}
