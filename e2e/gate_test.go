package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// --in-worktree ships what is pushed, with the files that git does not hold,
// from another folder: the checkout stays as it is. A leftover of a git that was
// killed does not stand in its way.
func TestInWorktreeShipsThePushedBranch(t *testing.T) {
	w := begin(t, extended("  gate: {link: [config/master.key, .kamal/secrets, .kamal/secrets.lab]}\n"))
	if err := w.project.Write(".gitignore", "/.kamal/secrets*\n/tmp/\n/config/master.key\n"); err != nil {
		t.Fatal(err)
	}
	pushed := w.commit("what ships")
	for name, text := range map[string]string{"config/master.key": "key\n", "app/message.txt": "work in progress\n", "notes.txt": "mine\n"} {
		if err := w.project.Write(name, text); err != nil {
			t.Fatal(err)
		}
	}
	w.git("checkout", "--quiet", "-b", "topic")
	before := w.git("status", "--porcelain", "--branch", "--untracked-files=all") + w.git("rev-parse", "HEAD")
	o := w.hwdeploy("lab")
	if o.code != 1 || !strings.Contains(o.out, "uncommitted changes") {
		t.Errorf("the gate let it pass: exit %d\n%s", o.code, o.out)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	w.contains(w.must("lab", "--in-worktree="+tree), pushed[:7]+" of origin/master ships from "+tree)
	w.wantServes(pushed, "lab-1", "lab-2")
	if to, err := os.Readlink(filepath.Join(tree, "config/master.key")); err != nil || to != filepath.Join(w.dir, "config/master.key") {
		t.Errorf("config/master.key in the worktree: %q, %v", to, err)
	}
	if after := w.git("status", "--porcelain", "--branch", "--untracked-files=all") + w.git("rev-parse", "HEAD"); after != before {
		t.Errorf("the checkout changed:\n%s\n%s", before, after)
	}

	if err := os.WriteFile(filepath.Join(w.dir, ".git/worktrees/tree/index.lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.must("lab", "--in-worktree="+tree, "--skip-push", "--skip-migrate")
	w.wantServes(pushed, "lab-1", "lab-2")
}

// git runs git in the project and gives what it prints.
func (w *world) git(args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), "git", args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// --allow-dirty ships the tree as it is, and says so in capitals.
func TestAllowDirtyShipsTheTreeAsItIs(t *testing.T) {
	w := begin(t, twoHosts())
	if err := w.project.Write("app/message.txt", "from no commit\n"); err != nil {
		t.Fatal(err)
	}
	w.contains(w.must("lab", "--allow-dirty"), "warning: --allow-dirty: THE GATE IS OFF", "app/message.txt")
	a, err := theLab.Host("lab-1").HTTP(t.Context(), "", "/")
	if err != nil || !strings.HasPrefix(a.Body, "from no commit") {
		t.Errorf("it serves %q, %v", a.Body, err)
	}
}
