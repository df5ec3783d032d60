package deploy

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
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
