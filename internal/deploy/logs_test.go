package deploy

import (
	"context"
	"errors"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Logs that can be read are read; of a host that can't be reached one is told
// before they end.
func TestLogsBesideAHostThatIsAway(t *testing.T) {
	seen := &recorder{}
	here := &standin{name: "web-1", run: func(run.Cmd) (run.Result, error) {
		if len(seen.events) != 1 {
			t.Errorf("before the first line: %v", seen.events)
		}
		return run.Result{Stdout: "a line\n"}, nil
	}}
	e := &Engine{
		Dial: func(_ context.Context, name string) (Host, error) {
			if name == "web-1" {
				return here, nil
			}
			return nil, errors.New("cannot connect to " + name)
		},
		Sink: seen,
	}
	said, err := e.Logs(t.Context(), []LogSource{{Host: "web-1"}, {Host: "web-2"}, {Host: "web-2", Role: "jobs"}})
	if err == nil || err.Error() != "cannot connect to web-2" || said[0].Text != "a line\n" {
		t.Errorf("%q, %v", said, err)
	}
	if len(seen.events) != 1 || seen.events[0].Type != event.Warning || seen.events[0].Host != "web-2" {
		t.Errorf("%v", seen.events)
	}
}
