package main

import (
	"context"

	"github.com/warmlyyours/hwdeploy/config"
)

// worktreeFlag is the path of --in-worktree; "" = the flag is not given.
type worktreeFlag string

// configuredWorktree is --in-worktree without a path, and shows in the help.
const configuredWorktree = "gate.worktree"

func (w *worktreeFlag) String() string     { return string(*w) }
func (w *worktreeFlag) Set(s string) error { *w = worktreeFlag(s); return nil }
func (w *worktreeFlag) Type() string       { return "PATH" }

// gate refuses a tree that is not a pushed commit, or makes the worktree of one.
// It gives the project folder to deploy from.
func (f *flowFlags) gate(ctx context.Context, w *world, cfg *config.Config) (string, error) {
	if f.inWorktree != "" {
		path := string(f.inWorktree)
		if path == configuredWorktree {
			path = cfg.Extension.Gate.Worktree
		}
		tree, err := w.repo().Worktree(ctx, w.path(path), "origin", cfg.Extension.Gate.Branch, cfg.Extension.Gate.Link)
		return tree.Path, err
	}
	if f.allowDirty {
		return "", nil
	}
	if _, err := w.repo().Gate(ctx); err != nil {
		return "", &gateError{err}
	}
	return "", nil
}

// gateError is a tree that may not be shipped.
type gateError struct{ error }

func (e *gateError) Unwrap() error { return e.error }
func (e *gateError) Serving() []string {
	return []string{"nothing was touched"}
}

func (e *gateError) Hints() []string {
	return []string{"commit and push", "--in-worktree ships the pushed branch instead", "--allow-dirty ships the tree as it is (a throw-away test)"}
}

