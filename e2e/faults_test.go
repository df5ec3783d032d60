//go:build faults

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

// The fault table: the deployer ends in each phase in each way; within 60 s of
// the last thing of ours in flight workers fetch and the lock is free, some
// version serves all along, and the next deploy converges. It takes minutes and
// is a command of its own: make faults.
func TestFaultTable(t *testing.T) {
	phases := []struct {
		name, overlay, hook string
		faults              db.Faults
		reached             func(*world, string) bool
	}{
		{name: "migrate", faults: db.Faults{MigrateDelay: 20 * time.Second}, reached: func(w *world, _ string) bool { return w.journal("lab-2", " migrate ") }},
		{name: "quiet", hook: "#!/bin/sh\nsleep 20\n", reached: func(w *world, _ string) bool { return w.journal("lab-2", " quiet ") }},
		{name: "boot", reached: func(w *world, _ string) bool { return w.journal("lab-1", " boot ") }},
		{name: "switch", overlay: "env: {clear: {SLOW_START: 8s}}\n", reached: func(w *world, _ string) bool { return w.journal("lab-1", " inflight ") }},
		{name: "stop-old", overlay: "deploy_timeout: 30\n", reached: func(w *world, _ string) bool { return afterSwitch(w, "lab-2") }},
		{name: "prune", reached: func(w *world, v string) bool { return tagged(w, v) }},
	}
	ways := map[string][]syscall.Signal{
		"kill -9": {syscall.SIGKILL}, "Ctrl-C": {syscall.SIGINT}, "Ctrl-C twice": {syscall.SIGINT, syscall.SIGINT},
	}
	for _, p := range phases {
		for way, signals := range ways {
			t.Run(p.name+"/"+way, func(t *testing.T) {
				w, _ := live(t, twoHosts())
				if p.overlay != "" {
					if err := w.project.Write("config/deploy.lab.yml", p.overlay); err != nil {
						t.Fatal(err)
					}
				}
				if p.hook != "" {
					if err := w.project.Write(".kamal/hooks/pre-deploy", p.hook); err != nil {
						t.Fatal(err)
					}
					chmod(w, ".kamal/hooks/pre-deploy")
				}
				if err := theLab.DB.SetFaults(t.Context(), p.faults); err != nil {
					t.Fatal(err)
				}
				w.endsIn(w.commit("second"), p.reached, signals)
				w.converges(p.hook != "")
			})
		}
	}
}

func afterSwitch(w *world, host string) bool {
	out, err := theLab.Host(host).Exec(w.Context(), "cat .kamal/hwdeploy/shop-lab/journal 2>/dev/null; true")
	at := strings.LastIndex(out, " inflight ")
	return err == nil && at >= 0 && strings.Contains(out[at:], " done")
}

func tagged(w *world, version string) bool {
	out, err := theLab.Host("lab-1").Exec(w.Context(), "cat .kamal/shop-lab-audit.log 2>/dev/null; true")
	return err == nil && strings.Contains(out, version+" as the latest image")
}

// endsIn starts a deploy and ends it with signals once the phase is reached.
func (w *world) endsIn(version string, reached func(*world, string) bool, signals []syscall.Signal) {
	w.Helper()
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(2*time.Minute, "the phase is reached", func() bool { return reached(w, version) })
	for _, s := range signals {
		if err := p.cmd.Process.Signal(s); err != nil {
			w.Logf("it had ended before: %v", err)
			break
		}
		pauseFor(300 * time.Millisecond)
	}
	o := p.wait()
	w.Logf("exit %d", o.code)
}

// converges checks the promise, then deploys again without the faults.
func (w *world) converges(hook bool) {
	w.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for why := w.unsettled(); why != ""; why = w.unsettled() {
		if time.Now().After(deadline) {
			w.Fatalf("not within 90 s: %s\n%s", why, w.on("lab-1", "cat .kamal/hwdeploy/*/journal; docker ps -a; ps aux | grep -c guard"))
		}
		pauseFor(time.Second)
	}
	if err := theLab.DB.SetFaults(w.Context(), db.Faults{}); err != nil {
		w.Fatal(err)
	}
	if hook {
		remove(w, ".kamal/hooks/pre-deploy")
	}
	if err := w.project.Write("config/deploy.lab.yml", "x-none: 1\n"); err != nil {
		w.Fatal(err)
	}
	next := w.commit("after the fault")
	w.must("lab", "--lock-wait")
	w.wantServes(next, "lab-1", "lab-2")
	w.wantFetching(next)
	w.wantUnlocked()
	for _, h := range []string{"lab-1", "lab-2"} {
		if n := w.on(h, "docker ps -q --filter label=role=web | wc -l"); n != "1" {
			w.Errorf("%s runs %s web containers", h, n)
		}
	}
}

// unsettled says what is not yet as promised; "" = all is.
func (w *world) unsettled() string {
	for _, h := range []string{"lab-1", "lab-2"} {
		out, err := theLab.Host(h).Exec(w.Context(), "ls -d .kamal/lock-* 2>/dev/null; true")
		if err != nil || strings.TrimSpace(out) != "" {
			return h + ": locked: " + out
		}
		if w.serves(h) == "" {
			return h + ": serves nothing"
		}
	}
	if len(fetching(w)) == 0 {
		return "no worker fetches"
	}
	return ""
}

// A frozen deployer whose guards gave it up cannot write when it wakes.
func TestAFrozenDeployerCannotWriteWhenItWakes(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nsleep 8\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	w.commit("second")
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(2*time.Minute, "it quiets", func() bool { return w.journal("lab-2", " quiet ") })
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	pauseFor(62 * time.Second)
	before := containersOf(w)
	w.wantFetching(v1)
	w.wantUnlocked()
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if o := p.wait(); o.code == 0 {
		t.Errorf("it says that it succeeded:\n%s", o.out)
	}
	if after := containersOf(w); after != before {
		t.Errorf("it wrote after it woke:\n%s\n%s", before, after)
	}
	w.wantServes(v1, "lab-1", "lab-2")
}

func containersOf(w *world) string {
	w.Helper()
	return w.on("lab-1", "docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'") + w.on("lab-2", "docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'")
}

// pauseFor is a wait whose length is the point: between two signals, or longer
// than a guard's patience.
func pauseFor(d time.Duration) { <-time.After(d) }
