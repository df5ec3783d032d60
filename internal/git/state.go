package git

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Root is the top folder of the checkout. Errors: *NotRepoError, *OwnerError,
// ErrNoGit.
func (r *Repo) Root(ctx context.Context) (string, error) {
	top, err := r.read(ctx, "rev-parse", "--show-toplevel")
	if said(err, "not a git repository") {
		return "", &NotRepoError{Dir: r.dir}
	}
	if said(err, "dubious ownership") {
		return "", &OwnerError{Path: quoted(err, r.dir)}
	}
	return top, err
}

// quoted is what git's message puts between quotes.
func quoted(err error, without string) string {
	_, text, _ := strings.Cut(err.Error(), "'")
	text, _, ok := strings.Cut(text, "'")
	if !ok {
		return without
	}
	return text
}

// Revision is the full commit id of HEAD.
func (r *Repo) Revision(ctx context.Context) (string, error) {
	if _, err := r.Root(ctx); err != nil {
		return "", err
	}
	rev, err := r.read(ctx, "rev-parse", "--verify", "HEAD^{commit}")
	if said(err, "Needed a single revision") {
		return "", fmt.Errorf("%s has no commit yet", r.dir)
	}
	return rev, err
}

// Branch is the name of the branch that is checked out, "" when HEAD is
// detached.
func (r *Repo) Branch(ctx context.Context) (string, error) {
	name, err := r.read(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if code(err) == 1 {
		return "", nil
	}
	return name, err
}

// Ignores tells whether a path, relative to the folder, is kept out of the
// repository: ignored and not tracked.
func (r *Repo) Ignores(ctx context.Context, path string) (bool, error) {
	if _, err := r.Root(ctx); err != nil {
		return false, err
	}
	_, err := r.read(ctx, "check-ignore", "--quiet", "--", path)
	if code(err) == 1 {
		return false, nil
	}
	return err == nil, err
}

// Change is a path that differs from HEAD.
type Change struct {
	// Code is git's two letters: index, then tree; "??" = not tracked.
	Code string
	Path string // from the top folder
	From string // of a rename or copy
}

// String is the line of `git status --porcelain`.
func (c Change) String() string {
	if c.From != "" {
		return c.Code + " " + c.From + " -> " + c.Path
	}
	return c.Code + " " + c.Path
}

// Status lists what differs from HEAD in the whole checkout: staged, not
// staged, and untracked files that are not ignored.
func (r *Repo) Status(ctx context.Context) ([]Change, error) {
	if _, err := r.Root(ctx); err != nil {
		return nil, err
	}
	out, err := r.read(ctx, "status", "--porcelain", "-z")
	if err != nil {
		return nil, err
	}
	return parseStatus(out)
}

// Ignored lists the files below the folder asked from that git ignores; a folder
// that is ignored as a whole is one entry with a slash behind. Paths start from
// that folder.
func (r *Repo) Ignored(ctx context.Context) ([]string, error) {
	out, err := r.read(ctx, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
	return strings.FieldsFunc(out, func(c rune) bool { return c == 0 }), err
}

// parseStatus reads entries that end with NUL; a rename is two of them.
func parseStatus(out string) ([]Change, error) {
	var list []Change
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		if f == "" {
			continue
		}
		if len(f) < 4 || f[2] != ' ' {
			return nil, fmt.Errorf("git status: unexpected entry %q", f)
		}
		c := Change{Code: f[:2], Path: f[3:]}
		if strings.ContainsAny(c.Code, "RC") && i+1 < len(fields) {
			i++
			c.From = fields[i]
		}
		list = append(list, c)
	}
	return list, nil
}

// UserName is git's user.name, "" when it is not set.
func (r *Repo) UserName(ctx context.Context) (string, error) { return r.config(ctx, "user.name") }

// UserEmail is git's user.email, "" when it is not set.
func (r *Repo) UserEmail(ctx context.Context) (string, error) { return r.config(ctx, "user.email") }

func (r *Repo) config(ctx context.Context, key string) (string, error) {
	v, err := r.read(ctx, "config", key)
	if code(err) == 1 {
		return "", nil
	}
	return v, err
}

// Uncommitted is the version of a build of the tree as it is: the revision, a
// word, 16 random hex digits. Make it once per run.
func Uncommitted(revision string) (string, error) {
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return revision + "_uncommitted_" + hex.EncodeToString(b), nil
}

// count reads "3\t0".
func count(out string) (left, right int, err error) {
	a, b, ok := strings.Cut(out, "\t")
	if !ok {
		return 0, 0, fmt.Errorf("git rev-list: unexpected answer %q", out)
	}
	if left, err = strconv.Atoi(a); err != nil {
		return 0, 0, err
	}
	right, err = strconv.Atoi(b)
	return left, right, err
}

// Recent gives the newest n commits that HEAD has, the newest first.
func (r *Repo) Recent(ctx context.Context, n int) ([]string, error) {
	text, err := r.read(ctx, "log", "--format=%H", "-n", strconv.Itoa(n))
	return strings.Fields(text), err
}
