package facts

import (
	"context"
	"fmt"
	"strings"
)

// VersionError is a project without anything to name its version by.
type VersionError struct {
	Dir string
	Err error
}

// Error is Kamal's text.
func (e *VersionError) Error() string {
	return fmt.Sprintf("Can't use commit hash as version, no git repository found in %s", e.Dir)
}

// Unwrap gives the cause.
func (e *VersionError) Unwrap() error { return e.Err }

// Checkout is the git checkout of a project.
type Checkout interface {
	// Head is the full commit id.
	Head(context.Context) (string, error)
	// WithChanges is the version of a build of the tree as it is: the commit id
	// with a mark when something is not committed.
	WithChanges(ctx context.Context, head string) (string, error)
}

// Version is the app's version: the flag unless it is blank, else the variable
// VERSION even when it is empty, else git's HEAD, marked when uncommitted changes
// get into the build because its context is set (asIs).
func Version(ctx context.Context, flag string, environ []string, dir string, asIs bool, git Checkout) (string, error) {
	if strings.TrimSpace(flag) != "" {
		return flag, nil
	}
	for _, v := range environ {
		if value, ok := strings.CutPrefix(v, "VERSION="); ok {
			return value, nil
		}
	}
	head, err := git.Head(ctx)
	switch {
	case err != nil:
		return "", &VersionError{Dir: dir, Err: err}
	case asIs:
		return git.WithChanges(ctx, head)
	}
	return head, nil
}
