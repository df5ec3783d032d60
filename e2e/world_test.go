package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// world is one scenario's project on hosts that are as new.
type world struct {
	*testing.T
	project *lab.Project
	dir     string
	env     []string
	prefix  []string // a program that starts hwdeploy
}

// begin resets the lab and writes a project.
func begin(t *testing.T, o lab.ProjectOptions) *world {
	t.Helper()
	if err := theLab.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "project")
	p, err := lab.WriteProject(t.Context(), dir, theLab, o)
	if err != nil {
		t.Fatal(err)
	}
	return &world{T: t, project: p, dir: dir, env: []string{
		"PATH=" + tools, "HOME=" + t.TempDir(), "LANG=C.UTF-8",
		"GIT_AUTHOR_NAME=lab", "GIT_AUTHOR_EMAIL=lab@example.test", "GIT_COMMITTER_NAME=lab", "GIT_COMMITTER_EMAIL=lab@example.test",
	}}
}

// outcome is what a run of hwdeploy left on this side.
type outcome struct {
	code int
	out  string // both streams
	took time.Duration
}

// hwdeploy runs the binary in the project; it never fails the test by itself.
func (w *world) hwdeploy(args ...string) outcome {
	w.Helper()
	p := w.start(args...)
	return p.wait()
}

// must is hwdeploy with an exit code of 0.
func (w *world) must(args ...string) outcome {
	w.Helper()
	o := w.hwdeploy(args...)
	if o.code != 0 {
		w.Fatalf("hwdeploy %s: exit %d\n%s", strings.Join(args, " "), o.code, o.out)
	}
	return o
}

// process is a run that is under way.
type process struct {
	w     *world
	cmd   *exec.Cmd
	out   *syncBuffer
	begin time.Time
	shown <-chan struct{} // closed once a terminal's last words are in out; nil = no terminal
}

func (w *world) start(args ...string) *process {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	w.Cleanup(cancel)
	argv := append(append(slices.Clone(w.prefix), binary), args...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	p := &process{w: w, cmd: cmd, out: out, begin: time.Now()}
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	return p
}

func (p *process) wait() outcome {
	p.w.Helper()
	err := p.cmd.Wait()
	if p.shown != nil {
		<-p.shown
	}
	code := p.cmd.ProcessState.ExitCode()
	if err != nil && code < 0 && p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		p.w.Fatalf("hwdeploy: %v\n%s", err, p.out)
	}
	return outcome{code: code, out: p.out.String(), took: time.Since(p.begin)}
}

// says waits until the run has printed a text.
func (p *process) says(text string) {
	p.w.Helper()
	p.w.eventually(time.Minute, "it says "+text, func() bool { return strings.Contains(p.out.String(), text) })
}

// interrupt is Ctrl-C.
func (p *process) interrupt() outcome {
	p.w.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.w.Fatal(err)
	}
	return p.wait()
}

// kill is kill -9.
func (p *process) kill() outcome {
	p.w.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.w.Fatal(err)
	}
	return p.wait()
}

// eventually polls until f holds, at most limit.
func (w *world) eventually(limit time.Duration, what string, f func() bool) {
	w.Helper()
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		if time.Now().After(deadline) {
			w.Fatalf("not within %s: %s", limit, what)
		}
		<-tick.C
	}
}

// serves tells which version a host's proxy serves; "" for anything but 200.
func (w *world) serves(host string) string {
	w.Helper()
	a, err := theLab.Host(host).HTTP(w.Context(), "", "/version")
	if err != nil || a.Status != 200 {
		return ""
	}
	return strings.TrimSpace(a.Body)
}

func (w *world) wantServes(version string, hosts ...string) {
	w.Helper()
	for _, h := range hosts {
		if got := w.serves(h); got != version {
			w.Errorf("%s serves %q, wanted %q", h, got, version)
		}
	}
}

// wantUnlocked checks that neither app host has a deploy lock.
func (w *world) wantUnlocked() {
	w.Helper()
	for _, h := range theLab.Hosts[:2] {
		if out, err := h.Exec(w.Context(), "ls -d .kamal/lock-* 2>/dev/null; true"); err != nil || strings.TrimSpace(out) != "" {
			w.Errorf("%s: lock left: %q %v", h.Name, out, err)
		}
	}
}

func (w *world) on(host, line string) string {
	w.Helper()
	out, err := theLab.Host(host).Exec(w.Context(), line)
	if err != nil {
		w.Fatalf("on %s: %v", host, err)
	}
	return strings.TrimSpace(out)
}

func (w *world) revision() string {
	w.Helper()
	v, err := w.project.Revision(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// commit changes something and pushes it.
func (w *world) commit(message string) string {
	w.Helper()
	v, err := w.project.Commit(w.Context(), message)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func (w *world) contains(o outcome, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if !strings.Contains(o.out, text) {
			w.Errorf("the output lacks %q:\n%s", text, o.out)
		}
	}
}
