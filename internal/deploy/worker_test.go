package deploy

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Audit lines of a role's steps name it, but for app start, where Kamal names none.
func TestAuditLinesNameTheRoleAsKamalDoes(t *testing.T) {
	for kind, want := range map[plan.Kind]string{plan.Start: "[me] Said so", plan.Halt: "[me] [web] Said so"} {
		var lines []string
		h := withLines(t, func(line string) (run.Result, error) {
			lines = append(lines, line)
			return run.Result{}, nil
		}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		e := &Engine{Config: &config.Config{Service: "shop"}, Now: time.Now, Person: Person{Performer: "me"}, hosts: map[string]Host{"a": h}}
		s := plan.Step{Kind: kind, Host: "a", Role: "web", Audit: []string{"Said so"}, Boot: &plan.Boot{Existing: "1"}, Stop: &plan.Ending{}}
		if _, err := newWorker(e, Request{}, &held{}).do(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(lines, "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

// app logs takes what serves; the container that failed has to be named.
func TestTheHintNamesTheContainerThatFailed(t *testing.T) {
	s := plan.Step{Kind: plan.Switch, Host: "a", Role: "web", Boot: &plan.Boot{Container: "shop-web-v2"}}
	hints := newWorker(&Engine{}, Request{Version: "v2"}, &held{}).hints(&StepError{Step: s, Err: errNotHere})
	if len(hints) != 1 || !strings.Contains(hints[0], "app logs --hosts a --container-id shop-web-v2`") {
		t.Errorf("got %q", hints)
	}
}
