package deploy

import (
	"testing"

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
