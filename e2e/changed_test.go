package e2e

import (
	"testing"
)

func containers(w *world) string {
	w.Helper()
	all := ""
	for _, h := range []string{"lab-1", "lab-2"} {
		all += w.on(h, "docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.Status}}' | sed 's/ Up .*/ Up/; s/ ago//'")
	}
	return all
}

// --if-changed does nothing on a fleet that is as it would be made, and deploys
// when a secret changes.
func TestIfChangedDoesNothingOnAnUnchangedFleet(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.must("lab")
	before := containers(w)
	o := w.must("lab", "--if-changed")
	w.contains(o, "no change")
	if after := containers(w); after != before {
		t.Errorf("something was done:\n%s\n%s", before, after)
	}
	if err := appendFile(w.dir+"/.kamal/secrets.lab", "NEW_TOKEN=fresh\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.project.Write("config/deploy.lab.yml", "env: {secret: [NEW_TOKEN]}\n"); err != nil {
		t.Fatal(err)
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--if-changed", "--version", v1)
	if after := containers(w); after == before {
		t.Error("a new secret was not deployed")
	}
	w.wantServes(v1, "lab-1", "lab-2")
}

// rollback --restart starts the stopped containers themselves, without secrets
// and registry.
func TestRollbackByRestart(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.must("lab")
	id := w.on("lab-1", "docker ps -q --no-trunc --filter label=role=web")
	w.commit("second")
	w.must("lab")
	remove(w, ".kamal/secrets.lab")
	remove(w, ".kamal/secrets")
	w.must("rollback", "--restart", v1, "-d", "lab")
	w.wantServes(v1, "lab-1", "lab-2")
	if got := w.on("lab-1", "docker ps -q --no-trunc --filter label=role=web"); got != id {
		t.Errorf("another container serves: %s, not %s", got, id)
	}
	w.wantFetching(v1)
	w.wantUnlocked()
}

// rollback without a version takes the previous one.
func TestRollbackToThePreviousVersion(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.must("lab")
	w.commit("second")
	w.must("lab")
	overlay := w.read("config/deploy.lab.yml")
	w.write("config/deploy.lab.yml", "deploy_timeout: 6\nenv: {clear: {UNHEALTHY: \"1\"}}\n")
	v3 := w.commit("never live")
	w.wantCode(w.hwdeploy("lab"), 1, v3)
	w.write("config/deploy.lab.yml", overlay)
	w.must("rollback", "-d", "lab")
	w.wantServes(v1, "lab-1", "lab-2")
}

// rollback by image: the version's containers are gone, its image is there.
func TestRollbackByImage(t *testing.T) {
	w := begin(t, twoHosts())
	v1 := w.revision()
	w.must("lab")
	w.commit("second")
	w.must("lab")
	for _, h := range []string{"lab-1", "lab-2"} {
		w.on(h, "docker container prune -f >/dev/null")
	}
	w.must("rollback", v1, "-d", "lab")
	w.wantServes(v1, "lab-1", "lab-2")
	w.wantFetching(v1)
}
