package image

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// Checkout is the git checkout of the project; in a folder that is none, Revision
// is empty.
type Checkout interface {
	// Revision is the full commit id of HEAD.
	Revision(ctx context.Context) (string, error)
	// Changed tells whether anything in it is not committed.
	Changed(ctx context.Context) (bool, error)
	// Ignored are the files and folders (with a slash behind) of the project that
	// git ignores.
	Ignored(ctx context.Context) ([]string, error)
	// Clone gives the folder in a clone of HEAD that stands for the project.
	Clone(ctx context.Context) (string, error)
}

// source gives the folder to build: the working tree when builder.context is
// set or there is no checkout, else a clone of HEAD.
func (m *Maker) source(ctx context.Context) (string, error) {
	if m.Config.Builder.ContextSet {
		return m.Dir, nil
	}
	rev, err := m.Checkout.Revision(ctx)
	if err != nil || rev == "" {
		return m.Dir, err
	}
	return m.Checkout.Clone(ctx)
}

// revision is the commit that stands for all that is built; "" = none does, and
// why.
func (m *Maker) revision(ctx context.Context, r build.Request) (rev, why string, err error) {
	if r.Remote() {
		return "", "the builder fetches the context by itself", nil
	}
	rev, err = m.Checkout.Revision(ctx)
	if err != nil || rev == "" {
		return "", "there is no git checkout", err
	}
	if !m.Config.Builder.ContextSet {
		return rev, "", nil
	}
	if !filepath.IsLocal(r.Context) {
		return "", "the context " + r.Context + " lies outside the project", nil
	}
	changed, err := m.Checkout.Changed(ctx)
	if err != nil || changed {
		return "", "the working tree has changes that are not committed", err
	}
	stray, err := m.stray(ctx, r)
	if err != nil || stray != "" {
		return "", "git ignores " + stray + ", which is in the context (.dockerignore can keep it out)", err
	}
	return rev, "", nil
}

// stray is something in the context that no commit holds; "" = nothing.
func (m *Maker) stray(ctx context.Context, r build.Request) (string, error) {
	excluded, err := r.Excluded()
	if err != nil {
		return "", err
	}
	ignored, err := m.Checkout.Ignored(ctx)
	if err != nil {
		return "", err
	}
	below := filepath.ToSlash(filepath.Clean(r.Context)) + "/"
	for _, path := range ignored {
		inside, ok := strings.CutPrefix(path, below)
		switch {
		case below == "./":
			inside, ok = path, true
		case strings.HasSuffix(path, "/") && strings.HasPrefix(below, path):
			return path, nil // the whole context
		}
		if ok && !excluded(inside) {
			return path, nil
		}
	}
	return "", nil
}
