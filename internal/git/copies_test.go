package git_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

func (w *world) clone(below ...string) git.Copy {
	w.t.Helper()
	c, err := w.repo(below...).Clone(w.t.Context(), "shop", filepath.Join(w.home, "tmp"), w.git(w.here, "rev-parse", "HEAD"))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestCloneIsHeadAndNothingElse(t *testing.T) {
	w := newWorld(t)
	w.write("deep/er/b.txt", "b")
	w.commit("deep")
	w.write("a.txt", "changed, not committed")
	w.write("untracked", "")

	c := w.clone("deep", "er")
	sum := sha256.Sum256([]byte(filepath.Join(w.here, "deep", "er")))
	want := filepath.Join(w.home, "tmp", "kamal-clones", "shop-"+hex.EncodeToString(sum[:])[:13], "app")
	if c.Top != want || c.Dir != filepath.Join(want, "deep", "er") || c.Revision != w.git(w.here, "rev-parse", "HEAD") {
		t.Errorf("%+v", c)
	}
	if read(t, filepath.Join(c.Top, "a.txt")) != "1" || read(t, filepath.Join(c.Dir, "b.txt")) != "b" {
		t.Error("the clone is not HEAD")
	}
	if _, err := os.Stat(filepath.Join(c.Top, "untracked")); err == nil {
		t.Error("an untracked file came along")
	}
	if read(t, filepath.Join(w.here, "a.txt")) != "changed, not committed" {
		t.Error("the checkout was touched")
	}
}

func TestCloneFollows(t *testing.T) {
	w := newWorld(t)
	first := w.clone()
	// Left-overs of a build, and a change by hand.
	write(t, filepath.Join(first.Top, "left"), "")
	write(t, filepath.Join(first.Top, "ignored"), "")
	write(t, filepath.Join(first.Top, "a.txt"), "by hand")
	marker := filepath.Join(first.Top, ".git", "kept")
	write(t, marker, "")

	w.write("a.txt", "2")
	w.commit("second")
	second := w.clone()
	if second.Top != first.Top || read(t, filepath.Join(second.Top, "a.txt")) != "2" {
		t.Errorf("%+v", second)
	}
	for _, f := range []string{"left", "ignored"} {
		if _, err := os.Stat(filepath.Join(second.Top, f)); err == nil {
			t.Errorf("%s is still there", f)
		}
	}
	if _, err := os.Stat(marker); err != nil {
		t.Error("it was cloned anew")
	}

	// A detached HEAD that no branch has.
	w.git(w.here, "checkout", "--quiet", "--detach")
	rev := w.commit("nowhere")
	if c := w.clone(); c.Revision != rev {
		t.Errorf("detached: %+v", c)
	}
	// Amended: the former commit is no ancestor.
	w.git(w.here, "commit", "--quiet", "--amend", "--allow-empty", "-m", "other")
	if c := w.clone(); c.Revision == rev {
		t.Errorf("amended: %+v", c)
	}
	if _, err := os.Stat(marker); err != nil {
		t.Error("it was cloned anew")
	}
}

func TestCloneOfADetachedHeadAtFirst(t *testing.T) {
	w := newWorld(t)
	w.git(w.here, "checkout", "--quiet", "--detach")
	rev := w.commit("nowhere")
	if c := w.clone(); c.Revision != rev || w.git(c.Top, "rev-parse", "HEAD") != rev {
		t.Errorf("%+v", c)
	}
}

func TestABrokenCloneIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	c := w.clone()
	for _, broken := range []string{".git/HEAD", ".git/objects"} {
		if err := os.RemoveAll(filepath.Join(c.Top, broken)); err != nil {
			t.Fatal(err)
		}
		w.clone()
		if w.git(c.Top, "status", "--porcelain") != "" {
			t.Errorf("%s: not clean", broken)
		}
	}
}

func TestCloneTakesSubmodules(t *testing.T) {
	w := newWorld(t)
	w.git(w.home, "clone", "--quiet", "origin.git", "library")
	w.git(w.here, "submodule", "--quiet", "add", filepath.Join(w.home, "library"), "lib")
	w.commit("with library")
	c := w.clone()
	if read(t, filepath.Join(c.Top, "lib", "a.txt")) != "1" {
		t.Error("no submodule in a new clone")
	}
	write(t, filepath.Join(w.home, "library", "a.txt"), "2")
	w.git(filepath.Join(w.home, "library"), "commit", "--quiet", "-am", "2")
	w.git(filepath.Join(w.here, "lib"), "pull", "--quiet")
	w.commit("newer library")
	c = w.clone()
	if read(t, filepath.Join(c.Top, "lib", "a.txt")) != "2" {
		t.Error("the submodule did not follow")
	}
}

// worktree makes one, and lets the next run have it.
func (w *world) worktree(path string, links ...string) (git.Worktree, error) {
	w.t.Helper()
	tree, err := w.hold(path, links...)
	if err != nil {
		return tree, err
	}
	return tree, tree.Close()
}

func (w *world) hold(path string, links ...string) (git.Worktree, error) {
	return w.repo().Worktree(w.t.Context(), path, "origin", "master", links)
}

func TestWorktree(t *testing.T) {
	w := newWorld(t)
	w.write("config/master.key", "key")
	w.write("a.txt", "work in progress")
	w.git(w.here, "checkout", "--quiet", "-b", "topic")
	path := filepath.Join(w.home, "throwaway")
	theirs := w.elsewhere()
	for round := range 3 {
		tree, err := w.worktree(path, "config/master.key")
		if err != nil || tree.Revision != theirs || w.git(path, "rev-parse", "HEAD") != theirs {
			t.Fatalf("round %d: %+v, %v", round, tree, err)
		}
		if read(t, filepath.Join(path, "a.txt")) != "1" || read(t, filepath.Join(path, "config/master.key")) != "key" {
			t.Errorf("round %d: content", round)
		}
		if s := w.git(path, "status", "--porcelain"); s != "" {
			t.Errorf("round %d: %s", round, s)
		}
		write(t, filepath.Join(path, "a.txt"), "by hand")
		write(t, filepath.Join(path, "left"), "")
		theirs = w.next(theirs)
		if round == 1 { // removed by hand, still on git's list
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if read(t, filepath.Join(w.here, "a.txt")) != "work in progress" || read(t, filepath.Join(w.here, "config/master.key")) != "key" {
		t.Error("the checkout was touched")
	}
}

// A project in a folder of its checkout ships from that folder of the worktree.
func TestWorktreeOfAProjectInAFolder(t *testing.T) {
	w := newWorld(t)
	w.write("shop/config/deploy.yml", "")
	w.write("shop/.gitignore", "secret.key")
	w.commit("a folder")
	w.git(w.here, "push", "--quiet", "origin", "HEAD:master")
	w.write("shop/secret.key", "key")
	path := filepath.Join(w.home, "throwaway")
	tree, err := git.New(run.Local{}, filepath.Join(w.here, "shop"), w.env).Worktree(t.Context(), path, "origin", "master", []string{"secret.key"})
	if err != nil || tree.Dir != filepath.Join(path, "shop") || read(t, filepath.Join(tree.Dir, "secret.key")) != "key" {
		t.Errorf("%+v, %v", tree, err)
	}
}

// What an interrupted run leaves does not stand in the way of the next one.
func TestABrokenWorktreeIsMadeAnew(t *testing.T) {
	for name, ruin := range map[string]func(w *world, path, admin string){
		"a lock of a git that was killed": func(w *world, _, admin string) { write(w.t, filepath.Join(admin, "index.lock"), "") },
		"half an index":                   func(w *world, _, admin string) { write(w.t, filepath.Join(admin, "index"), "DIRC") },
		"forgotten by git": func(w *world, _, admin string) {
			if err := os.RemoveAll(admin); err != nil {
				w.t.Fatal(err)
			}
		},
		"no HEAD": func(w *world, _, admin string) { write(w.t, filepath.Join(admin, "HEAD"), "") },
		"killed while it was made": func(w *world, path, admin string) {
			write(w.t, filepath.Join(admin, "locked"), "initializing")
			if err := os.RemoveAll(path); err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := filepath.Join(w.home, "throwaway")
			if _, err := w.worktree(path); err != nil {
				t.Fatal(err)
			}
			ruin(w, path, filepath.Join(w.here, ".git/worktrees/throwaway"))
			want := w.elsewhere()
			tree, err := w.worktree(path)
			if err != nil || tree.Revision != want || w.git(path, "rev-parse", "HEAD") != want || w.git(path, "status", "--porcelain") != "" {
				t.Errorf("%+v, %v", tree, err)
			}
		})
	}
}

func (w *world) next(string) string {
	w.t.Helper()
	other := filepath.Join(w.home, "other")
	w.git(other, "commit", "--quiet", "--allow-empty", "-m", "next")
	w.git(other, "push", "--quiet", "origin", "HEAD:master")
	return w.git(other, "rev-parse", "HEAD")
}

func TestWorktreeThrowsNothingOfValueAway(t *testing.T) {
	w := newWorld(t)
	foreign := filepath.Join(w.home, "foreign")
	w.git(w.home, "clone", "--quiet", "origin.git", "foreign")
	plain := filepath.Join(w.home, "plain")
	write(t, filepath.Join(plain, "letter.txt"), "dear")
	busy := filepath.Join(w.home, "busy")
	w.git(w.here, "worktree", "add", "--quiet", "-b", "busy", busy)
	started := filepath.Join(w.home, "started")
	w.git(w.here, "worktree", "add", "--quiet", "--detach", started)
	write(t, filepath.Join(w.here, "folder", "x"), "x")

	for _, tc := range []struct{ path, says string }{
		{foreign, "it belongs to another repository"},
		{plain, "it is not empty and no worktree of git"},
		{busy, "branch busy is checked out in it"},
		{w.here, "it is the repository's main checkout"},
		{filepath.Join(w.here, "folder"), "it is a folder inside the checkout " + w.here},
	} {
		_, err := w.worktree(tc.path)
		var we *git.WorktreeError
		if !errors.As(err, &we) || we.Why != tc.says {
			t.Errorf("%s: %v", tc.path, err)
		}
	}
	if read(t, filepath.Join(plain, "letter.txt")) != "dear" || read(t, filepath.Join(w.here, "folder", "x")) != "x" {
		t.Error("something was thrown away")
	}
	_, err := git.New(run.Local{}, started, w.env).Worktree(t.Context(), started, "origin", "master", nil)
	if err == nil || !strings.Contains(err.Error(), "that the deploy was started from") {
		t.Errorf("%v", err)
	}
}

func TestWorktreeWantsItsLinksAndItsBranch(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(w.home, "throwaway")
	for _, tc := range []struct{ link, says string }{
		{"config/master.key", "link config/master.key into the worktree"},
		{"../app/a.txt", "not a path below the project"},
	} {
		if _, err := w.worktree(path, tc.link); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", tc.link, err)
		}
	}
	if _, err := w.repo().Worktree(t.Context(), path, "origin", "none", nil); err == nil || !strings.Contains(err.Error(), "origin has no branch none") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a refused worktree was made")
	}
}

// Two runs must not ship from one folder at a time: the second would change it
// under the first, whose image is called by another commit then.
func TestAWorktreeIsHeldByOneRun(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(w.home, "throwaway")
	first, err := w.hold(path)
	if err != nil {
		t.Fatal(err)
	}
	var we *git.WorktreeError
	if _, err := w.hold(path); !errors.As(err, &we) || we.Why != "another deploy ships from it" {
		t.Errorf("%v", err)
	}
	if second, err := w.hold(path + "2"); err != nil {
		t.Errorf("another folder: %v", err)
	} else if err := second.Close(); err != nil {
		t.Error(err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if again, err := w.hold(path); err != nil {
		t.Error(err)
	} else if err := again.Close(); err != nil {
		t.Error(err)
	}
}
