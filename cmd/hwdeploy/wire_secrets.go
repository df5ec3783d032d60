package main

import (
	"context"
	"errors"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/internal/vault/onepassword"
)

func (w *world) vault(cfg *config.Config) *vault.Vault {
	sink := w.Sink // which may be another by the time of a warning
	return vault.New(vault.Options{
		Dir: w.Dir, SecretsPath: cfg.SecretsPath, Destination: cfg.Destination, Environ: cfg.Environ,
		Runner: run.Local{}, Stdin: w.Stdin, Stderr: w.Stderr, Redactor: w.Redactor,
		Ignored:     w.ignored,
		Account:     cfg.Extension.OnePassword.Account,
		OnePassword: onepassword.SDK(version()).Resolve,
		Warn: func(x vault.Warning) {
			sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{Text: x.Text, Pos: place(x.File, x.Line)}})
		},
	})
}

// secrets adapts a vault to what a deploy asks.
type secrets struct{ v *vault.Vault }

func (s secrets) Lookup(ctx context.Context, name string) (secret.Secret, error) {
	return s.v.Get(ctx, name)
}

func (s secrets) All(ctx context.Context) ([]deploy.NamedSecret, error) {
	entries, err := s.v.All(ctx)
	var out []deploy.NamedSecret
	for _, e := range entries {
		out = append(out, deploy.NamedSecret{Name: e.Name, Value: e.Value})
	}
	return out, err
}

// secrets are those of the project folder, resolved once however often asked for.
func (w *world) secrets(cfg *config.Config) secrets {
	if w.kept == nil || w.keptIn != w.Dir {
		w.kept, w.keptIn = w.vault(cfg), w.Dir
	}
	return secrets{w.kept}
}

// ahead begins to resolve the secrets where nobody has to be asked for them:
// 1Password's core needs seconds to start. Whoever asks next gets the result, or
// the error. settle ends it.
func (w *world) ahead(ctx context.Context, cfg *config.Config) {
	box := w.secrets(cfg)
	if !box.v.Unattended() {
		return
	}
	ctx, w.stopAhead = context.WithCancel(ctx)
	w.aheadEnded.Go(func() {
		box.v.All(ctx) //nolint:errcheck,gosec // whoever asks next is told
	})
}

// settle waits for what was begun ahead, and lets another run have the worktree.
func (w *world) settle() {
	if w.worktree != nil {
		defer w.worktree.Close() //nolint:errcheck // it ends with the process at the latest
	}
	if w.stopAhead != nil {
		w.stopAhead()
	}
	w.aheadEnded.Wait()
}

// ignored tells whether git keeps a path of the project out of what it ships.
func (w *world) ignored(ctx context.Context, path string) (bool, error) {
	ok, err := w.repo().Ignores(ctx, path)
	var none *git.NotRepoError
	if errors.As(err, &none) || errors.Is(err, git.ErrNoGit) {
		return true, nil
	}
	return ok, err
}
