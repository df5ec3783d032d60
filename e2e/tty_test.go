package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

// onTerminal starts hwdeploy on a terminal of its own; what is typed goes to the
// file.
func (w *world) onTerminal(args ...string) (*process, *os.File) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	w.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Env = w.dir, append(w.env, "TERM=xterm-256color")
	p := &process{w: w, cmd: cmd, out: &syncBuffer{}, begin: time.Now()}
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 100})
	if err != nil {
		w.Fatal(err)
	}
	read := make(chan struct{})
	p.shown = read
	go func() {
		defer close(read)
		for buf := make([]byte, 4096); ; {
			n, err := screen.Read(buf)
			if _, werr := p.out.Write(buf[:n]); err != nil || werr != nil {
				return
			}
		}
	}()
	w.Cleanup(func() {
		cancel() // what still runs after a failure
		<-read
		screen.Close()
	})
	return p, screen
}

// On a terminal a run is a line per running step, and Ctrl-C that is typed ends
// it with 130, undone and unlocked.
func TestOnATerminal(t *testing.T) {
	w, _ := live(t, twoHosts())
	v2 := w.commit("second")
	p, _ := w.onTerminal("lab")
	o := p.wait()
	if o.code != 0 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, " running, ", "web/switch", "steps (-v shows them)", "by pointing the proxy back", v2+" is live", " steps done in ")
	if strings.Contains(o.out, "--env-file") {
		t.Errorf("the plan is not folded:\n%s", o.out)
	}
	w.wantServes(v2, "lab-1", "lab-2")

	w.commit("third")
	if err := theLab.DB.SetFaults(t.Context(), db.Faults{MigrateDelay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	w.forgetJournals()
	p, screen := w.onTerminal("lab")
	w.eventually(3*time.Minute, "migrating", func() bool { return w.journal("lab-2", " migrate ") })
	if _, err := screen.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	w.untouched(v2, p.wait(), 130, "migrate", "cancelled by signal: interrupt")
	w.contains(w.must("history", "-d", "lab"), "cancelled")
}

// rollback without a version lists what there is on a terminal, the previous one
// first.
func TestRollbackAsksForTheVersion(t *testing.T) {
	w, v1 := live(t, twoHosts())
	v2 := w.commit("second")
	w.must("lab")
	v3 := w.commit("third")
	w.must("lab")
	p, screen := w.onTerminal("rollback", "-d", "lab")
	w.eventually(time.Minute, "it asks", func() bool { return strings.Contains(p.out.String(), "(the previous one)") })
	if strings.Contains(p.out.String(), v3) || !strings.Contains(p.out.String(), v1[:20]) {
		t.Errorf("the list:\n%s", p.out)
	}
	if _, err := screen.WriteString("\r"); err != nil {
		t.Fatal(err)
	}
	if o := p.wait(); o.code != 0 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.wantServes(v2, "lab-1", "lab-2")
	w.wantFetching(v2)
	p, screen = w.onTerminal("rollback", "-d", "lab")
	w.eventually(time.Minute, "it asks", func() bool { return strings.Contains(p.out.String(), "(the previous one)") })
	if _, err := screen.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if o := p.wait(); o.code != 130 {
		t.Errorf("Ctrl-C: exit %d\n%s", o.code, o.out)
	}
}

// A terminal that goes away ends the run as Ctrl-C does.
func TestTheTerminalGoesAway(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.commit("second")
	if err := theLab.DB.SetFaults(t.Context(), db.Faults{MigrateDelay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	w.forgetJournals()
	p, screen := w.onTerminal("lab")
	w.eventually(3*time.Minute, "migrating", func() bool { return w.journal("lab-2", " migrate ") })
	if err := screen.Close(); err != nil {
		t.Fatal(err)
	}
	w.untouched(v1, p.wait(), 130)
}
