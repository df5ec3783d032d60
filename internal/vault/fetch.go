package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault/adapter"
	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// FetchOptions are the words of `secrets fetch`.
type FetchOptions struct {
	Adapter string
	Account string
	From    string
	Names   []string
}

// ErrNeedsAccount is a fetch without the account that its adapter needs. Kamal
// prints this and exits with status 0.
var ErrNeedsAccount error = &UsageError{Text: "No value provided for required options '--account'"}

// Fetch asks a password manager and gives one line of JSON: name → value, in its
// order, without HTML escapes. Errors: *UsageError (ErrNeedsAccount among them),
// *adapter.Failure. No secrets file is read.
func (v *Vault) Fetch(ctx context.Context, o FetchOptions) (string, error) {
	env, token, err := v.environment(ctx)
	if err != nil {
		return "", err
	}
	return (&reading{Vault: v, environ: env, token: token}).fetch(ctx, o)
}

func (r *reading) fetch(ctx context.Context, o FetchOptions) (string, error) {
	if o.Adapter == "" {
		return "", &UsageError{Text: "No value provided for required options '--adapter'"}
	}
	a, err := adapter.Lookup(o.Adapter)
	if err != nil {
		return "", err
	}
	if a.NeedsAccount && strings.TrimSpace(o.Account) == "" {
		return "", ErrNeedsAccount
	}
	result, err := a.Fetch(ctx, r.shell(), adapter.Request{Names: o.Names, Account: o.Account, From: o.From})
	if err != nil {
		return "", fmt.Errorf("secrets fetch: %w", err)
	}
	for _, k := range result.Keys() {
		r.red.Add(result.Text(k))
	}
	return ordered.Dump(result), nil
}

// shell is where adapters work.
func (r *reading) shell() adapter.Shell {
	sh := adapter.Shell{
		Runner: r.o.Runner, Dir: r.o.Dir, Environ: r.environ, Stdin: r.o.Stdin, Stderr: r.o.Stderr, Hide: r.red.Add,
	}
	if r.o.OnePassword == nil || r.token.IsZero() {
		return sh
	}
	sh.Resolve = func(ctx context.Context, refs []string) (map[string]secret.Secret, error) {
		values, failed, err := r.o.OnePassword(ctx, r.token, refs)
		if err != nil {
			return nil, fmt.Errorf("1Password: %w", err)
		}
		var errs []error
		for _, ref := range refs {
			if failed[ref] != nil {
				errs = append(errs, fmt.Errorf("1Password: %s: %w", ref, failed[ref]))
			}
		}
		return values, errors.Join(errs...)
	}
	return sh
}

// Print gives one line NAME=value per secret, in their order, unquoted: the
// values in the clear, for `secrets print`.
func (v *Vault) Print(ctx context.Context) (string, error) {
	entries, err := v.All(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(e.Name + "=" + e.Value.Reveal() + "\n")
	}
	return b.String(), nil
}
