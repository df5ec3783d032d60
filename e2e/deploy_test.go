package e2e

import (
	"testing"

	"github.com/warmlyyours/hwdeploy/lab"
)

// twoHosts is web on two hosts and sidekiq on the second.
func twoHosts() lab.ProjectOptions {
	return lab.ProjectOptions{Roles: []lab.Role{
		{Name: "web", Hosts: []string{"lab-1", "lab-2"}},
		{Name: "sidekiq", Hosts: []string{"lab-2"}, Cmd: "bundle exec sidekiq"},
	}}
}

// The whole flow ships what is committed, migrates once, and serves it.
func TestFlowServesTheCommittedVersion(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.must("lab")
	w.wantServes(v1, "lab-1", "lab-2")
	w.wantUnlocked()

	v2 := w.commit("second")
	w.must("lab")
	w.wantServes(v2, "lab-1", "lab-2")
	w.wantUnlocked()
	w.wantFetching(v2)
	if one, latest := w.digest("demo/shop:"+v2), w.digest("demo/shop:latest-lab"); one == "" || one != latest {
		t.Errorf("the registry has %s as the version and %s as latest", one, latest)
	}
	s, err := theLab.DB.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Migrations); n != 2 {
		t.Errorf("%d migrations ran in two deploys on two hosts", n)
	}
}

func (w *world) digest(image string) string {
	w.Helper()
	d, err := theLab.Registry.Digest(w.Context(), image)
	if err != nil {
		w.Fatal(err)
	}
	return d
}

// A plan changes nothing anywhere and prints the same text twice.
func TestPlanChangesNothing(t *testing.T) {
	w := begin(t, twoHosts())
	w.must("lab")
	w.commit("second")
	before := w.fingerprint("lab-1", "lab-2", "lab-3")
	first, second := w.must("plan", "lab"), w.must("plan", "lab")
	if first.out != second.out {
		w.Errorf("two plans differ:\n%s\n%s", first.out, second.out)
	}
	w.same(before, "lab-1", "lab-2", "lab-3")
	w.contains(first, "lab-1/web/create", "docker create", "lab-2/sidekiq/ready", "lab-2/quiet")
}

// A rollback serves the old version again; a missing one changes nothing, exits
// 1 and lists what there is.
//
// proves: rollback, rollback --destination, rollback --dry-run
func TestRollback(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.must("lab")
	v2 := w.commit("second")
	w.must("lab")
	before := w.fingerprint("lab-1", "lab-2")
	w.contains(w.must("rollback", "--dry-run", "-d", "lab"), "lab-1/web/switch", "shop-web-lab-"+v1, "migrates since "+v1+", which stay: "+v2)
	w.contains(w.must("rollback", "0000000", "--dry-run", "-d", "lab"), "0000000 is not there yet and would be pulled")
	w.same(before, "lab-1", "lab-2")
	w.must("rollback", v1, "-d", "lab")
	w.wantServes(v1, "lab-1", "lab-2")
	w.wantUnlocked()

	o := w.hwdeploy("rollback", "0000000", "-d", "lab")
	if o.code != 1 {
		w.Errorf("exit %d", o.code)
	}
	w.contains(o, v1, v2, "not available")
	w.wantServes(v1, "lab-1", "lab-2")
}
