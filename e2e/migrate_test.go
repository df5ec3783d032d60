package e2e

import (
	"slices"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

// The migrate runs once in every flow, with or without a build, unless it is
// told not to; on the first deploy it waits for the boot; a rollback has none.
func TestWhenTheFlowMigrates(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.contains(w.must("lab"), "first deploy: the migrate role has no env file on its host yet", "== migrated ==")
	order := kinds(w)
	if web, migrate := slices.Index(order, "web start"), slices.Index(order, "migrate"); web < 0 || migrate < web {
		t.Errorf("the first deploy did not boot first: %v", order)
	}
	w.wantMigrations(1)

	w.contains(w.must("lab", "-P", "--migrate"), "--migrate changes nothing: migrations always run", "== migrated ==")
	w.wantMigrations(2)
	order = kinds(w)
	if last := slices.Index(order[migrateOf(order):], "web start"); last < 0 {
		t.Errorf("the second deploy booted before it migrated: %v", order)
	}
	w.must("lab", "--skip-push", "--no-migrate")
	w.wantMigrations(2)
	v2 := w.commit("second")
	w.must("lab", "--skip-migrate")
	w.wantServes(v2, "lab-1", "lab-2")
	w.must("rollback", v1, "-d", "lab")
	w.wantServes(v1, "lab-1", "lab-2")
	w.wantMigrations(2)
}

func (w *world) wantMigrations(n int) {
	w.Helper()
	if got := len(w.snapshot().Migrations); got != n {
		w.Errorf("%d migrations ran, wanted %d", got, n)
	}
}

func (w *world) snapshot() db.Snapshot {
	w.Helper()
	s, err := theLab.DB.Snapshot(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// migrateOf is where the last migrate stands.
func migrateOf(order []string) int {
	last := 0
	for i, kind := range order {
		if kind == "migrate" {
			last = i
		}
	}
	return last
}

// kinds are the events that the applications recorded, in order.
func kinds(w *world) []string {
	w.Helper()
	var out []string
	for _, e := range w.snapshot().Events {
		out = append(out, e.Kind)
	}
	return out
}
