package e2e

import (
	"strings"
	"testing"
)

// The lock can be looked at, taken and freed by hand, in Kamal's form, also when
// it was made only in part.
//
// proves: lock status, lock acquire --message, lock release, deploy --lock-wait
func TestLockCommands(t *testing.T) {
	w := fleet(t)
	type lock struct {
		Host, By, At, Version, Message string
		Held                           bool
	}
	w.contains(w.must("lock", "status", "-d", "lab"), "There is no deploy lock")
	if l := data[lock](w, "lock", "status"); l != (lock{Host: "lab-1"}) {
		t.Errorf("free, as data: %+v", l)
	}
	w.wantCode(w.hwdeploy("lock", "acquire", "-d", "lab"), 2, "needs a message")
	w.contains(w.must("lock", "acquire", "-m", "maintenance: don't", "-d", "lab"), "Acquired the deploy lock")
	text := w.on("lab-1", "stat .kamal/lock-shop-lab > /dev/null && cat .kamal/lock-shop-lab/details | base64 -d") // as Kamal reads it
	if !strings.HasPrefix(text, "Locked by: ") || !strings.HasSuffix(text, "\nMessage: maintenance: don't") {
		t.Errorf("details: %q", text)
	}
	w.contains(w.must("lock", "status", "-d", "lab"), text)
	if l := data[lock](w, "lock", "status"); !l.Held || l.Message != "maintenance: don't" || l.Version != w.revision() || l.At == "" {
		t.Errorf("held, as data: %+v", l)
	}
	for _, args := range [][]string{{"lock", "acquire", "-m", "me too"}, {"deploy", "--skip-push", "--version", "v1", "--lock-wait"}, {"app", "stop"}, {"prune", "all"}, {"proxy", "restart"}} {
		w.wantCode(w.hwdeploy(append(args, "-d", "lab")...), 5, "the deploy lock is held on lab-1", "don't")
	}
	w.wantServes("v1", "lab-1", "lab-2")
	w.contains(w.must("lock", "release", "-d", "lab"), "Released the deploy lock")
	w.wantUnlocked()
	w.contains(w.must("lock", "release", "-d", "lab"), "There is no deploy lock")

	w.on("lab-1", "mkdir .kamal/lock-shop-lab") // Kamal can neither free nor read this one
	w.wantCode(w.hwdeploy("app", "stop", "-d", "lab"), 5)
	w.must("lock", "release", "-d", "lab")
	w.wantUnlocked()
}
