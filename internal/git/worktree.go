package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Worktree is a throw-away checkout beside the one asked from. Close it.
type Worktree struct {
	Path     string
	Dir      string // in it, the folder that was asked from
	Revision string

	held *os.File
}

// WorktreeError is a folder that can't be used as a throw-away worktree, since
// something in it could be lost.
type WorktreeError struct {
	Path string
	Why  string
}

func (e *WorktreeError) Error() string {
	return e.Path + " can't be used as a throw-away worktree: " + e.Why
}

// Worktree makes path a checkout of a remote's branch as it is there now
// ("origin", "master"), detached, with submodules and without anything else;
// what was changed in it before is lost. links are files below the folder asked
// from, ignored by git, that are linked from there (config/master.key).
//
// A folder that is no detached worktree of this repository, or that another run
// has, is left alone and gives a *WorktreeError. Errors else: *FetchError and those of git.
func (r *Repo) Worktree(ctx context.Context, path, remote, branch string, links []string) (tree Worktree, err error) {
	root, err := r.Root(ctx)
	if err != nil {
		return Worktree{}, err
	}
	below, err := r.read(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return Worktree{}, err
	}
	at := filepath.Join(root, below)
	if err := checkLinks(at, links); err != nil {
		return Worktree{}, err
	}
	held, err := r.hold(ctx, path)
	if err != nil {
		return Worktree{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, held.Close())
		}
	}()
	if err := r.Fetch(ctx, remote); err != nil {
		return Worktree{}, err
	}
	ref := "refs/remotes/" + remote + "/" + branch
	rev, err := r.read(ctx, "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	if err != nil {
		return Worktree{}, fmt.Errorf("%s has no branch %s: %w", remote, branch, err)
	}
	if err := r.checkout(ctx, path, rev); err != nil {
		return Worktree{}, err
	}
	dir := filepath.Join(path, below)
	return Worktree{Path: path, Dir: dir, Revision: rev, held: held}, link(at, dir, links)
}

func (r *Repo) checkout(ctx context.Context, path, rev string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || (err == nil && len(entries) == 0):
		err = r.anew(ctx, path, rev)
	case err != nil:
		return err
	default:
		broken, no := r.disposable(ctx, path)
		if no != nil {
			return no
		}
		if broken || r.move(ctx, path, rev) != nil {
			err = r.anew(ctx, path, rev)
		}
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(path, ".gitmodules")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return r.all(ctx, path, []string{"submodule", "--quiet", "update", "--init", "--recursive", "--force"})
}

// move brings a worktree to rev. What an interrupted run left in it (a lock,
// half an index) makes it fail.
func (r *Repo) move(ctx context.Context, path, rev string) error {
	return r.all(ctx, path,
		[]string{"reset", "--quiet", "--hard"},
		[]string{"checkout", "--quiet", "--detach", "--force", rev},
		[]string{"clean", "-ffdxq"})
}

// anew makes the worktree from nothing. Forced twice, since git's list may still
// have it: removed by hand, or locked by an `add` that was interrupted.
func (r *Repo) anew(ctx context.Context, path, rev string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return r.all(ctx, r.dir, []string{"worktree", "add", "--force", "--force", "--detach", path, rev})
}

// disposable tells a worktree that was made to be thrown away from one that
// somebody works in. broken: it is ours and git can't read it any more.
func (r *Repo) disposable(ctx context.Context, path string) (broken bool, err error) {
	mine, err := r.read(ctx, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir")
	if err != nil {
		return false, err
	}
	here := strings.Split(mine, "\n")
	own, err := r.git(ctx, path, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--show-toplevel")
	if err != nil {
		if len(here) == 2 && leftover(path, here[1]) {
			return true, nil
		}
		return false, &WorktreeError{path, "it is not empty and no worktree of git"}
	}
	at := strings.Split(own, "\n")
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false, err
	}
	switch {
	case len(at) != 3 || len(here) != 2:
		return false, fmt.Errorf("git rev-parse: unexpected answer %q", own)
	case at[2] != real:
		return false, &WorktreeError{path, "it is a folder inside the checkout " + at[2]}
	case at[1] != here[1]:
		return false, &WorktreeError{path, "it belongs to another repository"}
	case at[0] == at[1]:
		return false, &WorktreeError{path, "it is the repository's main checkout"}
	case at[0] == here[0]:
		return false, &WorktreeError{path, "it is the checkout that the deploy was started from"}
	}
	there := &Repo{runner: r.runner, dir: path, env: r.env}
	branch, err := there.Branch(ctx)
	if err == nil && branch != "" {
		return false, &WorktreeError{path, "branch " + branch + " is checked out in it"}
	}
	return false, err
}

// leftover tells whether a folder was once a worktree of the repository whose
// common git folder is given: its .git says so.
func leftover(path, common string) bool {
	text, err := os.ReadFile(filepath.Join(path, ".git"))
	to, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
	return err == nil && ok && filepath.Dir(to) == filepath.Join(common, "worktrees")
}

func checkLinks(dir string, links []string) error {
	for _, l := range links {
		if !filepath.IsLocal(l) {
			return fmt.Errorf("link %s: not a path below the project", l)
		}
		if _, err := os.Stat(filepath.Join(dir, l)); err != nil {
			return fmt.Errorf("link %s into the worktree: %w", l, err)
		}
	}
	return nil
}

// link puts the links in; what the commit itself has at that place stays.
func link(from, to string, links []string) error {
	for _, l := range links {
		at := filepath.Join(to, l)
		if _, err := os.Lstat(at); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join(from, l), at); err != nil {
			return err
		}
	}
	return nil
}
