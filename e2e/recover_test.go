package e2e

import (
	"encoding/json"
	"testing"
	"time"
)

// leaveBehind starts a deploy, and when it has quieted the workers kills both it
// and the guards that would tidy up after it.
func leaveBehind(w *world) {
	w.Helper()
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nsleep 90\n"); err != nil {
		w.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	w.commit("second")
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(3*time.Minute, "the workers are quiet", func() bool { return w.journal("lab-2", " quiet ") && len(fetching(w)) == 0 })
	o := w.hwdeploy("recover", "-d", "lab")
	if o.code != 5 {
		w.Errorf("recover beside a living run: exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "another hwdeploy run (", " deploy ", " lab@example.test) is at work on lab-")
	guards := func(signal string) {
		for _, h := range []string{"lab-1", "lab-2"} {
			w.on(h, `for p in $(pgrep -f hwdeploy-guard); do [ $p = $$ ] || kill -`+signal+` $p 2>/dev/null; done; true`)
		}
	}
	guards("STOP") // before they can see that their owner is gone
	p.kill()
	guards("KILL")
	remove(w, ".kamal/hooks/pre-deploy")
}

// A run died and its guards with it: status and history tell, recover resumes
// the workers and frees the lock, and then there is nothing to do.
func TestRecoverAfterTheGuardsDiedToo(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.contains(w.must("status", "-d", "lab"), "fetching", "running", "the deploy lock is free")
	leaveBehind(w)
	w.contains(w.must("status", "-d", "lab"), "quiet", "locked: Locked by: Lab", "that run is dead")
	w.contains(w.must("history", "-d", "lab"), "hwdeploy deploy", "cut")
	if o := w.hwdeploy("doctor", "-d", "lab"); o.code != 6 {
		t.Errorf("doctor: exit %d\n%s", o.code, o.out)
	} else {
		w.contains(o, "problem  lab-1        lock", "hwdeploy recover")
	}
	stale := w.on("lab-1", "docker run -d --label service=shop --label role=web --label destination=lab --name shop-web-lab-left "+
		"$(docker ps --filter label=role=web --format '{{.Image}}' | head -1) bin/rails server")

	o := w.must("recover", "-d", "lab")
	w.contains(o, "took over the deploy lock of a run that died", "resume", "shop-web-lab-left, which does not serve")
	w.wantServes(v1, "lab-1", "lab-2")
	w.wantFetching(v1)
	w.wantUnlocked()
	if got := w.on("lab-1", "docker inspect -f '{{.State.Status}}' "+stale); got != "exited" {
		t.Errorf("the container that does not serve is %s", got)
	}
	w.contains(w.must("recover", "-d", "lab"), "nothing is left to resume or to stop")

	var runs []struct{ Command, Result, Version string }
	if err := json.Unmarshal([]byte(w.must("history", "-d", "lab", "--json").out), &runs); err != nil || len(runs) < 3 || runs[0].Command != "recover" || runs[0].Result != "ok" || runs[2].Result != "cut" {
		t.Errorf("history: %v %+v", err, runs)
	}
	w.contains(w.must("doctor", "-d", "lab"), "ok       here         registry", "ok       lab-2        engine")
}

// The next deploy after such a death says what it found, and converges.
func TestTheNextRunSaysWhatItFound(t *testing.T) {
	w, v1 := live(t, twoHosts())
	leaveBehind(w)
	next := w.commit("after")
	w.contains(w.must("lab"), "lab-1: took over the deploy lock of a run that died (", " deploy ", "lab-2: the last run", "ended here without a word")
	w.wantServes(next, "lab-1", "lab-2")
	w.wantFetching(next)
	w.wantUnlocked()
	w.on("lab-1", "echo '[2026-01-01T00:00:00Z] [kim@example.test] [lab] [web] Booted app version old' >> .kamal/shop-lab-audit.log")
	w.contains(w.must("history", "-d", "lab"), "kamal boot", "kim@example.test")
	w.contains(w.must("rollback", v1, "-d", "lab", "--dry-run"), "migrates since "+v1+", which stay: ")
	w.contains(w.must("rollback", v1, "-d", "lab"), "migrates since "+v1+", which stay: ", next+" (20")
}

// A host dies during a deploy and comes back: status tells of the others and of
// the host that is gone, and the next run says what it found.
func TestAHostThatDiesDuringADeploy(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nsleep 90\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	w.commit("second")
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(3*time.Minute, "the workers are quiet", func() bool { return w.journal("lab-2", " quiet ") && len(fetching(w)) == 0 })
	if err := theLab.Host("lab-2").Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := w.hwdeploy("status", "-d", "lab"); o.code != 4 {
		t.Errorf("status: exit %d\n%s", o.code, o.out)
	} else {
		w.contains(o, "unreachable", v1, "cannot connect to lab-2")
	}
	if o := p.wait(); o.code == 0 {
		t.Errorf("the deploy: exit 0\n%s", o.out)
	} else {
		w.contains(o, "lab-1: web serves "+v1, "lab-2: ")
	}
	if err := theLab.Host("lab-2").Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	remove(w, ".kamal/hooks/pre-deploy")
	next := w.commit("after")
	w.contains(w.must("lab"), "lab-2: the host has restarted since the last run (")
	w.wantServes(next, "lab-1", "lab-2")
	w.wantFetching(next)
	w.wantUnlocked()
}
