package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// initGit makes the repository: branch master, one commit, an upstream in the
// bare repository DIR.git. Nothing of the user's git settings gets in the way.
func (p *Project) initGit(ctx context.Context) error {
	bare, err := filepath.Abs(p.Dir + ".git")
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=master", bare},
		{"init", "--quiet", "--initial-branch=master"},
		{"config", "user.name", "Lab"},
		{"config", "user.email", "lab@example.test"},
		{"config", "commit.gpgsign", "false"},
		{"config", "core.hooksPath", "/dev/null"},
		{"config", "core.compression", "0"}, // the sample's programs are large, and this is over soon
		{"remote", "add", "origin", bare},
	} {
		if _, err := p.git(ctx, args...); err != nil {
			return err
		}
	}
	_, err = p.Commit(ctx, "A project for the lab")
	return err
}

// Commit commits all there is and pushes it; it gives the revision. Without a
// change it makes an empty commit.
func (p *Project) Commit(ctx context.Context, message string) (string, error) {
	for _, args := range [][]string{
		{"add", "--all"},
		{"commit", "--quiet", "--allow-empty", "--message", message},
		{"push", "--quiet", "--set-upstream", "origin", "master"},
	} {
		if _, err := p.git(ctx, args...); err != nil {
			return "", err
		}
	}
	return p.Revision(ctx)
}

// Revision is the commit that is checked out, 40 hex digits.
func (p *Project) Revision(ctx context.Context) (string, error) {
	out, err := p.git(ctx, "rev-parse", "HEAD")
	return strings.TrimSpace(out), err
}

// Changed tells whether there is anything to commit.
func (p *Project) Changed(ctx context.Context) (bool, error) {
	out, err := p.git(ctx, "status", "--porcelain")
	return strings.TrimSpace(out) != "", err
}

// Write writes one file of the project, without a commit.
func (p *Project) Write(path, text string) error {
	return writeFile(filepath.Join(p.Dir, path), text, 0o644)
}

func (p *Project) git(ctx context.Context, args ...string) (string, error) {
	out, err := run(ctx, command{dir: p.Dir, argv: append([]string{"git"}, args...)})
	if err != nil {
		return out, fmt.Errorf("project: %w", err)
	}
	return out, nil
}
