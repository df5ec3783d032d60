package deploy

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Once a migrate ran that the old code cannot bear, a failed run does not bring
// the old code back by itself.
func TestNoReturnAfterAMigrateThatTheOldCodeCannotBear(t *testing.T) {
	for _, c := range []struct {
		ran, compatible, want bool
	}{{false, false, true}, {true, false, false}, {true, true, true}} {
		cfg := &config.Config{Extension: config.Extension{Migrate: &config.Migrate{BackwardCompatible: c.compatible}}}
		w := &worker{engine: &Engine{Config: cfg}, migrated: c.ran}
		if got := w.mayReturn(); got != c.want {
			t.Errorf("ran %v, backward compatible %v: returns %v", c.ran, c.compatible, got)
		}
	}
}

// kamal-proxy refuses error pages that are not there. A version from before
// error_pages_path was set has none: it returns with those of the failed one.
func TestAReturnNamesErrorPagesThatAreThere(t *testing.T) {
	for there, want := range map[string]string{"v1 v2": "v1", "v2": "v2"} {
		dir := t.TempDir()
		cfg := &config.Config{Service: "shop", ErrorPagesPath: "public", Roles: []*config.Role{{Name: "web", Proxied: true}}}
		e := &Engine{Config: cfg}
		for _, v := range strings.Fields(there) {
			if err := os.MkdirAll(filepath.Join(dir, e.app().ErrorPages(v)), 0o750); err != nil {
				t.Fatal(err)
			}
		}
		target, deployed := "new:80", ""
		h := withLines(t, func(line string) (run.Result, error) {
			if !strings.HasPrefix(line, "docker exec kamal-proxy") {
				return run.Local{}.Run(t.Context(), run.Cmd{Line: line, Dir: dir, Env: os.Environ()})
			}
			if strings.Contains(line, "kamal-proxy deploy") {
				target, deployed = "old:80", line
			}
			return run.Result{Stdout: "shop-web * / " + target + " running no\n"}, nil
		}, http.NotFound)
		w := newWorker(e, Request{Version: "v2"}, &held{})
		s := plan.Step{Host: "a", Boot: &plan.Boot{Role: "web", Version: "v2", Service: "shop-web", OldTarget: "old:80", Old: &plan.Ref{Version: "v1_replaced_39097b5f5ff1d41d"}}}
		if err := w.switchBack(h, s, "new:80")(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(deployed, `/error_pages/`+want+`"`) {
			t.Errorf("%s is there: %s", there, deployed)
		}
	}
}

// app start of an older version: its error pages went when the next one served.
func TestAStartNamesErrorPagesThatAreThere(t *testing.T) {
	dir := t.TempDir()
	e := &Engine{Config: &config.Config{Service: "shop", ErrorPagesPath: "public", Roles: []*config.Role{{Name: "web", Proxied: true}}}}
	if err := os.MkdirAll(filepath.Join(dir, e.app().ErrorPages("v2")), 0o750); err != nil {
		t.Fatal(err)
	}
	id, deployed := strings.Repeat("1", 64), ""
	h := withLines(t, func(line string) (run.Result, error) {
		if !strings.HasPrefix(line, "docker exec kamal-proxy") {
			return run.Local{}.Run(t.Context(), run.Cmd{Line: line, Dir: dir, Env: os.Environ()})
		}
		deployed = line
		return run.Result{Stdout: "shop-web * / " + id[:12] + ":80 running no\n"}, nil
	}, http.NotFound)
	s := plan.Step{Host: "a", Boot: &plan.Boot{Role: "web", Version: "v1", Service: "shop-web", Port: 80, Existing: id}}
	if _, err := newWorker(e, Request{}, &held{}).switchTo(t.Context(), h, s); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(deployed, `/error_pages/v2"`) {
		t.Errorf("it ran %s", deployed)
	}
}

// A return is a boot: the old version may take as long as the new one, and both
// as long as configured to end.
func TestAnUndoHasTheTimeThatItsStepsMayTake(t *testing.T) {
	stop := 120
	e := &Engine{
		Config:    &config.Config{DeployTimeout: 300, DrainTimeout: 60},
		Selection: &config.Selection{Roles: []*config.Role{{Name: "web"}, {Name: "jobs", StopTimeout: &stop}}},
	}
	var left time.Duration
	x := &executor{sink: &recorder{}, now: time.Now, undos: []undo{{run: func(ctx context.Context) error {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return nil
	}}}}
	if err := e.fail(t.Context(), errors.New("no"), x, newWorker(e, Request{}, &held{})); err == nil {
		t.Fatal("no error")
	}
	if left < (300+60+60+120)*time.Second || left > 20*time.Minute {
		t.Errorf("%s", left)
	}
}
