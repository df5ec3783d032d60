package git

import (
	"context"
	"fmt"
)

// DirtyError is a tree that is no commit.
type DirtyError struct{ Changes []Change }

func (e *DirtyError) Error() string {
	if len(e.Changes) == 1 {
		return "1 uncommitted change: " + e.Changes[0].String()
	}
	return fmt.Sprintf("%d uncommitted changes, the first: %s", len(e.Changes), e.Changes[0])
}

// DetachedError is a HEAD on no branch: nothing tells where it is pushed.
type DetachedError struct{ Revision string }

func (e *DetachedError) Error() string {
	return "HEAD is detached at " + short(e.Revision) + ": no branch, so no upstream to compare with"
}

// NoUpstreamError is a branch that follows none.
type NoUpstreamError struct{ Branch string }

func (e *NoUpstreamError) Error() string {
	return "branch " + e.Branch + " has no upstream (push it with: git push --set-upstream origin " + e.Branch + ")"
}

// SyncError is a branch that differs from its upstream.
type SyncError struct {
	Branch, Upstream string
	Ahead, Behind    int // commits
}

func (e *SyncError) Error() string {
	switch {
	case e.Behind == 0:
		return fmt.Sprintf("branch %s is %s ahead of %s (git push)", e.Branch, commits(e.Ahead), e.Upstream)
	case e.Ahead == 0:
		return fmt.Sprintf("branch %s is %s behind %s (git pull)", e.Branch, commits(e.Behind), e.Upstream)
	}
	return fmt.Sprintf("branch %s and %s have diverged: %s here, %s there", e.Branch, e.Upstream, commits(e.Ahead), commits(e.Behind))
}

// FetchError is a remote that could not be asked: whether the branch is in sync
// is not known.
type FetchError struct {
	Remote string
	Err    error
}

func (e *FetchError) Error() string { return "fetch from " + e.Remote + ": " + e.Err.Error() }
func (e *FetchError) Unwrap() error { return e.Err }

func commits(n int) string {
	if n == 1 {
		return "1 commit"
	}
	return fmt.Sprintf("%d commits", n)
}

func short(rev string) string { return rev[:min(len(rev), 7)] }

// Gate makes sure that the tree equals a pushed commit: nothing uncommitted, and
// HEAD where its upstream is, after a fetch. It gives the commit. Errors:
// *DirtyError, *DetachedError, *NoUpstreamError, *FetchError, *SyncError.
func (r *Repo) Gate(ctx context.Context) (string, error) {
	changes, err := r.Status(ctx)
	if err != nil {
		return "", err
	}
	if len(changes) > 0 {
		return "", &DirtyError{Changes: changes}
	}
	rev, err := r.Revision(ctx)
	if err != nil {
		return "", err
	}
	branch, err := r.Branch(ctx)
	if err != nil {
		return "", err
	}
	if branch == "" {
		return "", &DetachedError{Revision: rev}
	}
	return rev, r.inSync(ctx, branch)
}

func (r *Repo) inSync(ctx context.Context, branch string) error {
	remote, err := r.config(ctx, "branch."+branch+".remote")
	if err != nil {
		return err
	}
	if remote == "" {
		return &NoUpstreamError{Branch: branch}
	}
	if err := r.Fetch(ctx, remote); err != nil {
		return err
	}
	// An upstream whose branch was deleted there is configured and unknown.
	upstream, err := r.read(ctx, "rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}")
	if code(err) == 128 {
		return &NoUpstreamError{Branch: branch}
	}
	if err != nil {
		return err
	}
	out, err := r.read(ctx, "rev-list", "--left-right", "--count", "HEAD...@{upstream}")
	if err != nil {
		return err
	}
	ahead, behind, err := count(out)
	if err != nil {
		return err
	}
	if ahead != 0 || behind != 0 {
		return &SyncError{Branch: branch, Upstream: upstream, Ahead: ahead, Behind: behind}
	}
	return nil
}

// Fetch updates what is known of a remote's branches, and forgets those that
// are gone there; "." (a branch that follows a local one) needs none.
func (r *Repo) Fetch(ctx context.Context, remote string) error {
	if remote == "." {
		return nil
	}
	if _, err := r.git(ctx, r.dir, "fetch", "--quiet", "--prune", "--no-tags", remote); err != nil {
		return &FetchError{Remote: remote, Err: err}
	}
	return nil
}
