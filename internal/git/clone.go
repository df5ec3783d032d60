package git

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// Copy is a clone to build from.
type Copy struct {
	Top      string // its top folder
	Dir      string // the folder in it that stands for the one asked from
	Revision string
}

// Clone makes, or brings up to date, the clone that images of a service are built
// from, at a commit, with its submodules. Nothing uncommitted is in it. It is where
// Kamal puts it: <tmp>/kamal-clones/<service>-<13 hex digits of the folder>. A
// clone that can't be brought up to date is made anew, once.
func (r *Repo) Clone(ctx context.Context, service, tmp, rev string) (Copy, error) {
	root, err := r.Root(ctx)
	if err != nil {
		return Copy{}, err
	}
	// The name is made from the folder as the kernel tells it, without links.
	cwd, err := filepath.EvalSymlinks(r.dir)
	if err != nil {
		return Copy{}, err
	}
	below, err := filepath.Rel(root, cwd)
	if err != nil {
		return Copy{}, err
	}
	sum := sha256.Sum256([]byte(cwd))
	home := filepath.Join(tmp, "kamal-clones", service+"-"+hex.EncodeToString(sum[:])[:13])
	top := filepath.Join(home, filepath.Base(root))
	c := Copy{Top: top, Dir: filepath.Join(top, below), Revision: rev}
	if err = r.prepare(ctx, home, root, c); err == nil || ctx.Err() != nil {
		return c, err
	}
	if rerr := os.RemoveAll(home); rerr != nil {
		return Copy{}, rerr
	}
	if err = r.prepare(ctx, home, root, c); err != nil {
		return Copy{}, fmt.Errorf("clone %s to build from: %w", root, err)
	}
	return c, nil
}

func (r *Repo) prepare(ctx context.Context, home, root string, c Copy) error {
	_, err := os.Stat(filepath.Join(c.Top, ".git"))
	if err == nil {
		err = r.refresh(ctx, root, c)
	} else {
		err = r.create(ctx, home, root, c)
	}
	if err != nil {
		return err
	}
	return r.verify(ctx, c)
}

func (r *Repo) create(ctx context.Context, home, root string, c Copy) error {
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	return r.all(ctx, home,
		[]string{"clone", "--quiet", "--recurse-submodules", root, c.Top},
		// HEAD may be a commit that no branch has.
		[]string{"-C", c.Top, "checkout", "--quiet", "--detach", c.Revision})
}

func (r *Repo) refresh(ctx context.Context, root string, c Copy) error {
	return r.all(ctx, c.Top,
		[]string{"remote", "set-url", "origin", root},
		[]string{"fetch", "--quiet", "origin"},
		[]string{"fetch", "--quiet", "origin", "HEAD"},
		[]string{"reset", "--quiet", "--hard", c.Revision},
		[]string{"clean", "-ffdxq"},
		[]string{"submodule", "--quiet", "update", "--init", "--recursive", "--force"},
		[]string{"gc", "--auto", "--quiet"})
}

func (r *Repo) all(ctx context.Context, dir string, commands ...[]string) error {
	for _, args := range commands {
		if _, err := r.git(ctx, dir, args...); err != nil {
			return err
		}
	}
	return nil
}

// verify looks at what came out, since the image will be called by the commit.
func (r *Repo) verify(ctx context.Context, c Copy) error {
	status, err := r.git(ctx, c.Top, "status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" {
		return fmt.Errorf("the clone is not clean:\n%s", status)
	}
	rev, err := r.git(ctx, c.Top, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if rev != c.Revision {
		return fmt.Errorf("the clone is at %s, not at %s", rev, c.Revision)
	}
	return nil
}
