package hooks

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inner runs an argv with a `kill` of the test's own, since PID 1 here is not a
// worker, and gives the calls of it: a function shadows the shell's builtin.
func inner(t *testing.T, argv []string, file string) string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	script := `kill() { echo "kill $*" >> ` + log + `; }; ` + strings.ReplaceAll(argv[2], marker, file)
	var exit *exec.ExitError // says nothing: nobody waits for it
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestQuietSignalsMarksAndEndsAfterTheLimit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "marker")
	if got := inner(t, Quiet("TSTP", time.Second), file); got != "kill -TSTP 1\nkill -TERM 1\n" {
		t.Errorf("sent %q", got)
	}
	text, err := os.ReadFile(file)
	if err != nil || len(strings.TrimSpace(string(text))) == 0 {
		t.Errorf("marker %q, %v", text, err)
	}
}

func TestQuietLeavesAProcessAloneWhoseMarkerIsGone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "marker")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if os.Remove(file) == nil {
				return
			}
		}
	}()
	if got := inner(t, Quiet("TSTP", 2*time.Second), file); got != "kill -TSTP 1\n" {
		t.Errorf("sent %q", got)
	}
}

func TestResumeEndsTheProcess(t *testing.T) {
	if got := inner(t, Resume(), filepath.Join(t.TempDir(), "marker")); got != "kill -TERM 1\n" {
		t.Errorf("sent %q", got)
	}
}

// A worker's image may have a shell and nothing else: what can't be read is not
// taken for a worker that is quiet, which would be ended.
func TestIsQuietNeedsAShellOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "marker")
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	ask := func() int {
		cmd := exec.CommandContext(t.Context(), shell, "-c", strings.ReplaceAll(IsQuiet()[2], marker, file))
		cmd.Env = []string{"PATH=" + t.TempDir()}
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 1 {
			t.Fatalf("%v: %s", err, out)
		}
		return cmd.ProcessState.ExitCode()
	}
	if code := ask(); code != 1 {
		t.Errorf("without a marker: status %d", code)
	}
	inner(t, Quiet("TSTP", 0), file)
	if code := ask(); code != 0 {
		t.Errorf("with a marker: status %d", code)
	}
}
