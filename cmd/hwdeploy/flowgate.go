package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/internal/vault"
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
		tree, err := w.repo().Worktree(ctx, w.path(path), "origin", cfg.Extension.Gate.Branch, w.links(cfg))
		if err != nil {
			return "", &gateError{err, hints(err)}
		}
		w.worktree = tree
		if w.Version == "" && w.env("VERSION") == "" {
			w.Version = tree.Revision // links that git sees make it no other commit
		}
		w.notice("--in-worktree: " + tree.Revision[:7] + " of origin/" + cfg.Extension.Gate.Branch + " ships from " + tree.Path)
		return tree.Dir, nil
	}
	_, err := w.repo().Gate(ctx)
	switch {
	case f.allowDirty:
		return "", w.loud(ctx, err)
	case err != nil:
		return "", &gateError{err, wayRound(err)}
	}
	return "", nil
}

// links are the files that git does not hold and a deploy needs: those that are
// configured, and 1Password's token.
func (w *world) links(cfg *config.Config) []string {
	links := cfg.Extension.Gate.Link
	if _, err := os.Stat(filepath.Join(w.Dir, vault.TokenFile)); err == nil && !slices.Contains(links, vault.TokenFile) {
		links = append(slices.Clone(links), vault.TokenFile)
	}
	return links
}

func (w *world) notice(text string) {
	w.Sink.Emit(event.Event{Type: event.Notice, Message: &event.Message{Text: text}})
}

// loud warns of what the gate would have refused.
func (w *world) loud(ctx context.Context, err error) error {
	if err == nil {
		err = errors.New("nothing had to be allowed this time")
	}
	w.Sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{
		Text: "--allow-dirty: THE GATE IS OFF, what ships may match no commit: " + err.Error(), Hint: "only for a throw-away test",
	}})
	return ctx.Err()
}

// gateError is a tree that may not be shipped.
type gateError struct {
	error
	hints []string
}

func (e *gateError) Unwrap() error     { return e.error }
func (e *gateError) Serving() []string { return []string{"nothing was touched"} }
func (e *gateError) Hints() []string   { return e.hints }

// wayRound is what to try when the gate refuses a tree; what is wrong with git
// itself has hints of its own, or none.
func wayRound(err error) []string {
	const asIs = "--allow-dirty ships the tree as it is (a throw-away test)"
	var fetch *git.FetchError
	var dirty *git.DirtyError
	var detached *git.DetachedError
	var local *git.NoUpstreamError
	var differs *git.SyncError
	switch {
	case errors.As(err, &fetch):
		return []string{asIs}
	case errors.As(err, &dirty), errors.As(err, &detached), errors.As(err, &local), errors.As(err, &differs):
		return []string{"commit and push", "--in-worktree ships the pushed branch instead", asIs}
	}
	return hints(err)
}
