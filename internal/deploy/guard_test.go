package deploy

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The guard's script runs here under the real shell, below a parent that stands
// for sshd's session process: killing that is how it fences.

const lockDir = ".kamal/lock-app"

type shellGuard struct {
	dir string
	in  io.WriteCloser
	out *bytes.Buffer
	cmd *exec.Cmd
}

func startScript(t *testing.T, dir, run, silence, lock string) *shellGuard {
	t.Helper()
	return startText(t, guardScript, dir, run, silence, lock)
}

func startText(t *testing.T, text, dir, run, silence, lock string) *shellGuard {
	t.Helper()
	script := filepath.Join(t.TempDir(), "parent.sh")
	if err := os.WriteFile(script, []byte(`sh -c "$GUARD" guard "$@"; exit $?`), 0o600); err != nil {
		t.Fatal(err)
	}
	details := base64.StdEncoding.EncodeToString([]byte("held by " + run))
	cmd := exec.CommandContext(t.Context(), "sh", script, ".kamal/hwdeploy/app", run, silence, lock, details, ".kamal/app-audit.log")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GUARD="+text)
	cmd.WaitDelay = 10 * time.Second
	g := &shellGuard{dir: dir, out: &bytes.Buffer{}, cmd: cmd}
	cmd.Stdout = g.out
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	g.in = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *shellGuard) say(t *testing.T, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if _, err := io.WriteString(g.in, l+"\n"); err != nil {
			t.Fatal(err)
		}
	}
}

func (g *shellGuard) locked() bool {
	_, err := os.Stat(filepath.Join(g.dir, lockDir))
	return err == nil
}

func (g *shellGuard) journal(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, ".kamal/hwdeploy/app/journal"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// noted tells whether the journal has a text; there may be none yet.
func (g *shellGuard) noted(text string) bool {
	journal, err := os.ReadFile(filepath.Join(g.dir, ".kamal/hwdeploy/app/journal"))
	return err == nil && strings.Contains(string(journal), text)
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !f() {
		if pause(ctx, 20*time.Millisecond) != nil {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

func TestGuardUnlocksWhenTold(t *testing.T) {
	g := startScript(t, t.TempDir(), "r1", "30", lockDir)
	eventually(t, "locked", g.locked)
	g.say(t, "boot web", "audit [t] [me] Tagging \"x\" $y", "!unlock")
	eventually(t, "unlocked", func() bool { return !g.locked() })
	g.say(t, "!end")
	if err := g.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(g.dir, ".kamal/app-audit.log")); err != nil || string(text) != "[t] [me] Tagging \"x\" $y\n" {
		t.Errorf("audit log %q, %v", text, err)
	}
	if j := g.journal(t); !strings.Contains(j, "r1 boot web\n") || !strings.Contains(j, "r1 ended\n") {
		t.Errorf("journal:\n%s", j)
	}
}

func TestGuardFreesTheLockOfASilentOwnerAndFencesIt(t *testing.T) {
	g := startScript(t, t.TempDir(), "r1", "1", lockDir)
	eventually(t, "locked", g.locked)
	eventually(t, "freed after silence", func() bool { return !g.locked() })
	if err := g.cmd.Wait(); err == nil {
		t.Error("its parent, through which a revived owner would write, is still there")
	}
	eventually(t, "the journal says so", func() bool { return g.noted("interrupted") })
	eventually(t, "its lock is free", func() bool {
		return exec.CommandContext(t.Context(), "flock", "-n", filepath.Join(g.dir, ".kamal/hwdeploy/app/guard"), "true").Run() == nil
	})
	next := startScript(t, g.dir, "r2", "30", lockDir)
	next.say(t, "!unlock", "!end")
	if err := next.cmd.Wait(); err != nil || !strings.HasPrefix(next.out.String(), "ok interrupted ") {
		t.Errorf("the next run: %v, said %q", err, next.out.String())
	}
}

// On a full disk the lock is not left without an owner, which would keep all out.
func TestGuardLeavesNoLockThatItCannotSign(t *testing.T) {
	g := startText(t, "printf() { false; }\n"+guardScript, t.TempDir(), "r1", "30", lockDir)
	if err := g.cmd.Wait(); err == nil || g.out.String() != "failed cannot write .kamal/lock-app/details: is the disk full?\n" || g.locked() {
		t.Errorf("%v, said %q, locked: %v", err, g.out.String(), g.locked())
	}
}

func TestGuardExcludesASecondRun(t *testing.T) {
	dir := t.TempDir()
	g := startScript(t, dir, "r1", "30", "")
	eventually(t, "started", func() bool { _, err := os.Stat(filepath.Join(dir, ".kamal/hwdeploy/app/owner")); return err == nil })
	g.say(t, "run deploy v1 me@example.test")
	eventually(t, "its run is noted", func() bool { return g.noted(" run ") })
	other := startScript(t, dir, "r2", "30", "")
	if err := other.cmd.Wait(); err == nil || !regexp.MustCompile(`^busy r1 20\S+Z deploy v1 me@example\.test\n$`).MatchString(other.out.String()) {
		t.Errorf("second guard: %v, said %q", err, other.out.String())
	}
	g.say(t, "!end")
	if err := g.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestGuardHonoursAForeignLockAndTakesOverADeadRuns(t *testing.T) {
	dir := t.TempDir()
	details := filepath.Join(dir, lockDir, "details")
	if err := os.MkdirAll(filepath.Dir(details), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(details, []byte("Zm9yZWlnbg==\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := startScript(t, dir, "r1", "30", lockDir)
	if err := g.cmd.Wait(); err == nil || g.out.String() != "locked\nZm9yZWlnbg==\n" {
		t.Errorf("foreign lock: %v, said %q", err, g.out.String())
	}
	// The same words, remembered as ours: the run that wrote them is dead, since
	// its guard's file lock is free.
	if err := os.WriteFile(filepath.Join(dir, ".kamal/hwdeploy/app/lock"), []byte("Zm9yZWlnbg==\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g = startScript(t, dir, "r2", "30", lockDir)
	g.say(t, "!unlock")
	eventually(t, "freed", func() bool { return !g.locked() })
	g.say(t, "!end")
	if err := g.cmd.Wait(); err != nil || !strings.HasPrefix(g.out.String(), "ok lock ") {
		t.Errorf("take-over: %v, said %q", err, g.out.String())
	}
}

// A guard that went without a word, as with its host, is told of by the next one;
// env files that it left are removed.
func TestGuardTellsOfOneThatWentWithoutAWord(t *testing.T) {
	g := startScript(t, t.TempDir(), "r1", "30", lockDir)
	g.say(t, "run deploy v1 me@example.test", "quiet 0123")
	eventually(t, "its worker is noted", func() bool { return g.noted(" quiet ") })
	left := filepath.Join(g.dir, ".kamal/hwdeploy/app/run-r1-web.env")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pid := g.cmd.Process.Pid
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		t.Fatalf("children %q: %v", children, err)
	}
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := g.cmd.Wait(); err == nil {
		t.Error("the guard ended well")
	}
	next := startScript(t, g.dir, "r2", "30", lockDir)
	next.say(t, "!unlock", "!end")
	if err := next.cmd.Wait(); err != nil || !regexp.MustCompile(`^ok lock 20\S+Z r1 deploy v1 me@example\.test\n`).MatchString(next.out.String()) {
		t.Errorf("the next run: %v, said %q", err, next.out.String())
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("the env file of the dead run is still there")
	}
	other := startScript(t, g.dir, "r3", "30", "")
	other.say(t, "!end")
	if err := other.cmd.Wait(); err != nil || !strings.HasPrefix(other.out.String(), "ok no ") {
		t.Errorf("the run after that: %v, said %q", err, other.out.String())
	}
}

// program puts a shell script on the PATH of what the test starts.
func program(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return file
}

// A worker that the run itself has replaced is not brought back beside the new one.
func TestGuardResumesTheQuietedWorkersThatWereNotReplaced(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	program(t, "docker", `echo "$*" >> `+log)
	g := startScript(t, t.TempDir(), "r1", "30", lockDir)
	eventually(t, "locked", g.locked)
	g.say(t, "quiet aaaa", "quiet bbbb", "quiet cccc", "stop aaaa", "resumed cccc")
	eventually(t, "all is noted", func() bool { return g.noted("resumed cccc") })
	if err := g.in.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "freed", func() bool { return !g.locked() })
	calls, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(calls), "start bbbb") || strings.Contains(string(calls), "aaaa") || strings.Contains(string(calls), "cccc") {
		t.Errorf("docker was called with:\n%s%v", calls, err)
	}
	_ = g.cmd.Wait() // it killed its parent
}

// Of two switches at the same time (boot.parallel_roles) the end of one is not
// that of the other.
func TestGuardWaitsForEachSwitchInFlight(t *testing.T) {
	g := startScript(t, t.TempDir(), "r1", "30", lockDir)
	eventually(t, "locked", g.locked)
	proxy := exec.CommandContext(t.Context(), "sh", program(t, "kamal-proxy", "read line"), "deploy", "guarded-api")
	end, err := proxy.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	g.say(t, "inflight guarded-api", "inflight guarded-web", "done guarded-web")
	eventually(t, "all is noted", func() bool { return g.noted("done guarded-web") })
	if err := g.in.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "fenced", func() bool { return g.noted("fenced") })
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if pause(ctx, time.Minute); !g.locked() {
		t.Error("the lock is free while kamal-proxy still deploys")
	}
	if err := end.Close(); err != nil {
		t.Fatal(err)
	}
	_ = proxy.Wait() // read fails at the end of its input
	eventually(t, "freed", func() bool { return !g.locked() })
	_ = g.cmd.Wait()
}

// A migrate that was cut off leaves its env file, which holds secrets.
func TestGuardRemovesTheEnvFilesOfItsRun(t *testing.T) {
	g := startScript(t, t.TempDir(), "r1", "30", "")
	eventually(t, "started", func() bool { return g.noted("started") })
	file := func(name string) string { return filepath.Join(g.dir, ".kamal/hwdeploy/app", name) }
	for _, name := range []string{"run-r1.env", "run-r1-web.env", "run-r1-jobs.env.part"} {
		if err := os.WriteFile(file(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g.say(t, "!end")
	if err := g.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(file("run-*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A lock that is another's by now is neither freed nor said to be.
func TestGuardSaysWhenTheLockIsAnothers(t *testing.T) {
	g := startScript(t, t.TempDir(), "r1", "30", lockDir)
	eventually(t, "locked", g.locked)
	eventually(t, "remembered", func() bool { return g.noted("started") })
	if err := os.WriteFile(filepath.Join(g.dir, lockDir, "details"), []byte("Zm9yZWlnbg==\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.say(t, "!unlock", "!end")
	if err := g.cmd.Wait(); err != nil || !g.locked() || !strings.Contains(g.out.String(), "\nfailed the lock is not this run's any more\n") {
		t.Errorf("%v, locked %v, said %q", err, g.locked(), g.out.String())
	}
}
