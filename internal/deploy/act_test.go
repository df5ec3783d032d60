package deploy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

type noHooks struct{}

func (noHooks) Exists(string) bool { return false }

func (noHooks) Run(context.Context, string, []string, []NamedSecret, func(string, string)) error {
	return nil
}

// The report of a failure asks what serves; the second Ctrl-C ends that too.
func TestAReportThatHangsEndsWithTheSecondInterrupt(t *testing.T) {
	var hangs atomic.Bool
	h := withEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if hangs.Load() {
			<-r.Context().Done()
		}
		io.WriteString(w, "[]") //nolint:errcheck // a test
	})
	boom := errors.New("boom")
	hard, interrupt := context.WithCancel(t.Context())
	h.run = func(c run.Cmd) (run.Result, error) {
		if c.Line != "fail" {
			return run.Result{}, nil
		}
		hangs.Store(true)
		time.AfterFunc(100*time.Millisecond, interrupt)
		return run.Result{}, boom
	}
	e := &Engine{
		Config: &config.Config{Service: "app"}, Hooks: noHooks{}, LockHeld: true, Sink: &recorder{}, Now: time.Now,
		Selection: &config.Selection{Hosts: []string{"web-1"}, AppHosts: []string{"web-1"}, PrimaryHost: "web-1"},
		Dial:      func(context.Context, string) (Host, error) { return h, nil },
	}
	ended := make(chan error, 1)
	go func() {
		ended <- e.Act(t.Context(), hard, Request{}, func(plan.Input) (plan.Plan, error) {
			return plan.Plan{Steps: []plan.Step{{ID: "a", Kind: plan.Command, Host: "web-1", Line: "fail"}}}, nil
		})
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, boom) {
			t.Error(err)
		}
	case <-time.After(3 * time.Second):
		t.Error("it still asks")
	}
}
