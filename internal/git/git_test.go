package git_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// world is a remote and a checkout of it, both real, under one folder.
type world struct {
	t    *testing.T
	home string
	here string // the checkout
	env  []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, home: home, here: filepath.Join(home, "app")}
	w.env = []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=protocol.file.allow", "GIT_CONFIG_VALUE_0=always",
	}
	w.git(home, "config", "--global", "user.name", "Ann Example")
	w.git(home, "config", "--global", "user.email", "ann@example.com")
	w.git(home, "config", "--global", "init.defaultBranch", "master")
	w.git(home, "init", "--quiet", "--bare", "origin.git")
	w.git(home, "clone", "--quiet", "origin.git", "app")
	w.write("a.txt", "1")
	w.write(".gitignore", "ignored\nconfig/master.key\n")
	w.commit("first")
	w.git(w.here, "push", "--quiet", "--set-upstream", "origin", "master")
	return w
}

func (w *world) git(dir string, args ...string) string {
	w.t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env = dir, w.env
	out, err := c.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *world) write(name, text string) { w.t.Helper(); write(w.t, filepath.Join(w.here, name), text) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (w *world) commit(message string) string {
	w.t.Helper()
	w.git(w.here, "add", "--all")
	w.git(w.here, "commit", "--quiet", "--allow-empty", "-m", message)
	return w.git(w.here, "rev-parse", "HEAD")
}

func (w *world) repo(below ...string) *git.Repo {
	return git.New(run.Local{}, filepath.Join(append([]string{w.here}, below...)...), w.env)
}

// elsewhere pushes a commit to the remote that the checkout does not know.
func (w *world) elsewhere() string {
	w.t.Helper()
	other := filepath.Join(w.home, "other")
	if _, err := os.Stat(other); err != nil {
		w.git(w.home, "clone", "--quiet", "origin.git", "other")
	}
	write(w.t, filepath.Join(other, "theirs.txt"), "x")
	w.git(other, "add", "--all")
	w.git(other, "commit", "--quiet", "-m", "theirs")
	w.git(other, "push", "--quiet", "origin", "HEAD:master")
	return w.git(other, "rev-parse", "HEAD")
}

func TestQuestions(t *testing.T) {
	w := newWorld(t)
	write(t, filepath.Join(w.here, "sub", "x"), "")
	rev := w.commit("second")
	r := w.repo("sub")
	for what, ask := range map[string]func() (string, error){
		w.here:            func() (string, error) { return r.Root(t.Context()) },
		rev:               func() (string, error) { return r.Revision(t.Context()) },
		"master":          func() (string, error) { return r.Branch(t.Context()) },
		"Ann Example":     func() (string, error) { return r.UserName(t.Context()) },
		"ann@example.com": func() (string, error) { return r.UserEmail(t.Context()) },
	} {
		if got, err := ask(); got != what || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, what)
		}
	}
	w.git(w.home, "config", "--global", "--unset", "user.email")
	if got, err := r.UserEmail(t.Context()); got != "" || err != nil {
		t.Errorf("no email: %q, %v", got, err)
	}
}

func TestNoRepository(t *testing.T) {
	w := newWorld(t)
	empty := filepath.Join(w.home, "empty")
	write(t, filepath.Join(empty, "x"), "")
	r := git.New(run.Local{}, empty, w.env)
	var none *git.NotRepoError
	if _, err := r.Revision(t.Context()); !errors.As(err, &none) || err.Error() != "no git repository found in "+empty {
		t.Errorf("%v", err)
	}
	w.git(empty, "init", "--quiet")
	if _, err := r.Revision(t.Context()); err == nil || !strings.Contains(err.Error(), "has no commit yet") {
		t.Errorf("%v", err)
	}
	r = git.New(run.Local{}, empty, []string{"PATH=/nowhere"})
	if _, err := r.Root(t.Context()); err == nil {
		t.Error("no sh, no git: want an error")
	}
	bin := filepath.Join(w.home, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/bin/sh", filepath.Join(bin, "sh")); err != nil {
		t.Fatal(err)
	}
	if _, err := git.New(run.Local{}, empty, []string{"PATH=" + bin}).Root(t.Context()); !errors.Is(err, git.ErrNoGit) {
		t.Errorf("%v", err)
	}
}

// GIT_TEST_ASSUME_DIFFERENT_OWNER makes git see another user's repository.
func TestAnotherUsersRepository(t *testing.T) {
	w := newWorld(t)
	env := append(slices.Clone(w.env), "GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	_, err := git.New(run.Local{}, w.here, env).Gate(t.Context())
	var owner *git.OwnerError
	if !errors.As(err, &owner) || owner.Path != w.here || len(owner.Hints()) != 1 {
		t.Errorf("%v", err)
	}
}

func TestStatus(t *testing.T) {
	w := newWorld(t)
	w.write("old name.txt", "moved, with enough text to be known again")
	w.write("gone", "")
	w.commit("more")
	if list, err := w.repo().Status(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("clean: %v, %v", list, err)
	}
	w.write("a.txt", "2")
	w.write("ünt\"racked", "")
	w.write("ignored", "")
	w.git(w.here, "mv", "old name.txt", "new name.txt")
	w.git(w.here, "rm", "--quiet", "gone")
	list, err := w.repo().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.String())
	}
	slices.Sort(got)
	want := []string{" M a.txt", "?? ünt\"racked", "D  gone", "R  old name.txt -> new name.txt"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestGate(t *testing.T) {
	w := newWorld(t)
	r := w.repo()
	rev, err := r.Gate(t.Context())
	if err != nil || rev != w.git(w.here, "rev-parse", "HEAD") {
		t.Fatalf("in sync: %s, %v", rev, err)
	}

	w.write("b.txt", "")
	var dirty *git.DirtyError
	if _, err := r.Gate(t.Context()); !errors.As(err, &dirty) || err.Error() != "1 uncommitted change: ?? b.txt" {
		t.Errorf("dirty: %v", err)
	}

	w.commit("mine")
	var sync *git.SyncError
	_, err = r.Gate(t.Context())
	if !errors.As(err, &sync) || err.Error() != "branch master is 1 commit ahead of origin/master (git push)" {
		t.Errorf("unpushed: %v", err)
	}

	w.elsewhere()
	_, err = r.Gate(t.Context())
	if !errors.As(err, &sync) || sync.Ahead != 1 || sync.Behind != 1 || !strings.Contains(err.Error(), "have diverged: 1 commit here, 1 commit there") {
		t.Errorf("diverged: %v", err)
	}

	w.git(w.here, "reset", "--quiet", "--hard", "HEAD~1")
	_, err = r.Gate(t.Context())
	if !errors.As(err, &sync) || err.Error() != "branch master is 1 commit behind origin/master (git pull)" {
		t.Errorf("behind, known only after the fetch: %v", err)
	}

	w.git(w.here, "checkout", "--quiet", "-b", "topic")
	var none *git.NoUpstreamError
	if _, err := r.Gate(t.Context()); !errors.As(err, &none) || none.Branch != "topic" {
		t.Errorf("no upstream: %v", err)
	}
	w.git(w.here, "push", "--quiet", "--set-upstream", "origin", "topic")
	if _, err := r.Gate(t.Context()); err != nil {
		t.Errorf("another branch, pushed: %v", err)
	}
	w.git(filepath.Join(w.home, "origin.git"), "branch", "-D", "topic")
	if _, err := r.Gate(t.Context()); !errors.As(err, &none) {
		t.Errorf("upstream deleted there: %v", err)
	}

	w.git(w.here, "checkout", "--quiet", "--detach")
	var detached *git.DetachedError
	if _, err := r.Gate(t.Context()); !errors.As(err, &detached) || !strings.HasPrefix(err.Error(), "HEAD is detached at ") {
		t.Errorf("detached: %v", err)
	}

	w.git(w.here, "checkout", "--quiet", "master")
	w.git(w.here, "remote", "set-url", "origin", filepath.Join(w.home, "nowhere.git"))
	var fetch *git.FetchError
	if _, err := r.Gate(t.Context()); !errors.As(err, &fetch) || fetch.Remote != "origin" || !strings.Contains(err.Error(), "nowhere.git' does not appear to be a git repository") {
		t.Errorf("remote gone: %v", err)
	}

	w.git(w.here, "remote", "set-url", "origin", "git@localhost:x.git")
	w.git(w.here, "config", "core.sshCommand", "echo no key fits >&2; false")
	if _, err := r.Gate(t.Context()); err == nil || !strings.Contains(err.Error(), "no key fits") || !strings.Contains(err.Error(), "Could not read") {
		t.Errorf("ssh refused: %v", err)
	}
}

func TestNothingOfAnOuterGitGetsIn(t *testing.T) {
	w := newWorld(t)
	w.git(w.home, "init", "--quiet", "outer")
	env := append(slices.Clone(w.env), "GIT_DIR="+filepath.Join(w.home, "outer", ".git"), "GIT_WORK_TREE="+filepath.Join(w.home, "outer"), "GIT_INDEX_FILE=/nowhere/index", "LC_ALL=xx")
	got, err := git.New(run.Local{}, w.here, env).Root(t.Context())
	if err != nil || got != w.here {
		t.Errorf("%q, %v", got, err)
	}
}

func TestQuestionsWriteNothing(t *testing.T) {
	w := newWorld(t)
	index := filepath.Join(w.here, ".git", "index")
	before := read(t, index)
	// Same bytes, other time: an ordinary status would note that in the index.
	if err := os.Chtimes(filepath.Join(w.here, "a.txt"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if list, err := w.repo().Status(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("%v, %v", list, err)
	}
	if read(t, index) != before {
		t.Error("the index was written")
	}
}

func TestIgnores(t *testing.T) {
	w := newWorld(t)
	w.write(".gitignore", "*.key\n")
	w.write("tracked.key", "")
	w.git(w.here, "add", "--force", "tracked.key")
	for path, want := range map[string]bool{"a.key": true, "deep/b.key": true, "a.txt": false, "nowhere": false, "tracked.key": false} {
		if got, err := w.repo().Ignores(t.Context(), path); err != nil || got != want {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	var none *git.NotRepoError
	if _, err := git.New(run.Local{}, t.TempDir(), w.env).Ignores(t.Context(), "a"); !errors.As(err, &none) {
		t.Errorf("no repository: %v", err)
	}
}

func TestUncommitted(t *testing.T) {
	a, err := git.Uncommitted("abc")
	if err != nil || !regexp.MustCompile(`^abc_uncommitted_[0-9a-f]{16}$`).MatchString(a) {
		t.Errorf("%q, %v", a, err)
	}
	if b, err := git.Uncommitted("abc"); err != nil || a == b {
		t.Errorf("twice the same: %q, %v", b, err)
	}
}
