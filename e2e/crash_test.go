package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

// dies starts a deploy, waits until it is in the phase, and kills it with -9.
func (w *world) dies(phase string, reached func() bool) {
	w.Helper()
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(3*time.Minute, "the deploy is in "+phase, func() bool {
		if p.cmd.ProcessState != nil {
			w.Fatalf("it ended before %s:\n%s", phase, p.out)
		}
		return reached()
	})
	p.kill()
}

// recovers checks what a crash promises: within 60 s the guard has resumed the
// workers and freed the lock, and the next deploy succeeds.
func (w *world) recovers(old string) {
	w.Helper()
	w.eventually(60*time.Second, "the lock is free", func() bool {
		for _, h := range theLab.Hosts {
			out, err := h.Exec(w.Context(), "ls -d .kamal/lock-* 2>/dev/null; true")
			if err != nil || strings.TrimSpace(out) != "" {
				return false
			}
		}
		return true
	})
	w.wantFetching(old)
	w.wantServes(old, "lab-1", "lab-2")
	next := w.commit("after the crash")
	w.must("lab", "--lock-wait")
	w.wantServes(next, "lab-1", "lab-2")
	w.wantFetching(next)
	w.wantUnlocked()
}

// forgetJournals empties the journals, so that what they say next is of the run
// that comes.
func (w *world) forgetJournals() {
	w.Helper()
	for _, h := range []string{"lab-1", "lab-2"} {
		w.on(h, ": > .kamal/hwdeploy/shop-lab/journal")
	}
}

// journal tells whether a host's journal has a line of the newest run.
func (w *world) journal(host, text string) bool {
	out, err := theLab.Host(host).Exec(w.Context(), "cat .kamal/hwdeploy/shop-lab/journal 2>/dev/null; true")
	if err != nil {
		return false
	}
	at := strings.LastIndex(out, " started ")
	return at >= 0 && strings.Contains(out[at:], text)
}

func TestKilledDuringQuiet(t *testing.T) {
	w, v1 := live(t, twoHosts())
	// The hook pre-deploy runs after the workers were quieted: there it stays.
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nsleep 60\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	w.commit("second")
	w.dies("quiet", func() bool { return w.journal("lab-2", " quiet ") && len(fetching(w)) == 0 })
	remove(w, ".kamal/hooks/pre-deploy")
	w.recovers(v1)
}

// Ctrl-C while the workers are quiet: they take jobs again before hwdeploy ends.
func TestCtrlCDuringQuietResumesTheWorkers(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nexec sleep 60\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	w.commit("second")
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(3*time.Minute, "the workers are quiet", func() bool { return w.journal("lab-2", " quiet ") && len(fetching(w)) == 0 })
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	w.untouched(v1, p.wait(), 130)
}

func TestKilledDuringBoot(t *testing.T) {
	w, _ := live(t, twoHosts())
	if err := w.project.Write("config/deploy.lab.yml", "env: {clear: {SLOW_START: 20s}}\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("slow")
	w.dies("boot", func() bool { return w.journal("lab-1", " inflight ") })
	// The proxy goes on without its client: while it does, the guard holds on.
	if err := w.project.Write("config/deploy.lab.yml", "{}\n"); err != nil {
		t.Fatal(err)
	}
	w.eventually(100*time.Second, "the lock is free", func() bool {
		out, err := theLab.Host("lab-1").Exec(t.Context(), "ls -d .kamal/lock-* 2>/dev/null; true")
		return err == nil && strings.TrimSpace(out) == ""
	})
	next := w.commit("after the crash")
	w.must("lab", "--lock-wait")
	w.wantServes(next, "lab-1", "lab-2")
	w.wantFetching(next)
	w.wantUnlocked()
}

func TestCtrlCDuringMigrateUndoesAndUnlocks(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.commit("second")
	if err := theLab.DB.SetFaults(t.Context(), db.Faults{MigrateDelay: 60 * time.Second}); err != nil {
		t.Fatal(err)
	}
	w.forgetJournals()
	p := w.start("lab")
	w.eventually(3*time.Minute, "migrating", func() bool { return w.journal("lab-2", " migrate ") })
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	w.untouched(v1, p.wait(), 130)
	if out := w.on("lab-2", "docker ps --format '{{.Names}}' | grep -c -- '-exec-'; true"); out != "0" {
		t.Error("the migrate container still runs")
	}
}

func chmod(w *world, path string) {
	w.Helper()
	if err := os.Chmod(filepath.Join(w.dir, path), 0o755); err != nil { //nolint:gosec // hooks are programs
		w.Fatal(err)
	}
}

func remove(w *world, path string) {
	w.Helper()
	if err := os.Remove(filepath.Join(w.dir, path)); err != nil {
		w.Fatal(err)
	}
}

func fetching(w *world) []db.Worker {
	w.Helper()
	s, err := theLab.DB.Snapshot(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return s.Fetching()
}
