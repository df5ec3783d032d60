package git

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// hold keeps a worktree for this run: another would change it under its feet. The
// lock lies in the repository's git folder, and ends with the process at the
// latest. A file system without locks holds nothing.
func (r *Repo) hold(ctx context.Context, path string) (*os.File, error) {
	common, err := r.read(ctx, "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(filepath.Clean(path)))
	f, err := os.OpenFile(filepath.Join(common, "hwdeploy-"+hex.EncodeToString(sum[:])[:13]+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) { //nolint:gosec // a descriptor fits
		return nil, errors.Join(&WorktreeError{path, "another deploy ships from it"}, f.Close())
	}
	return f, nil
}

// Close lets another run have the worktree.
func (w Worktree) Close() error { return w.held.Close() }
