// Package adapter fetches secrets from password managers through their command
// line programs: one table, one flow (account, program there?, login, fetch).
//
// Laws: the command words are those that Kamal gives to the same programs, so
// that what works there works here; what a program prints is never part of an
// error unless it is its own complaint; a session key travels in the
// environment of the shell, not in its command line.
//
// Sources: https://github.com/basecamp/kamal/tree/main/lib/kamal/secrets/adapters
// and the manuals of the programs, linked beside each adapter.
package adapter

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// Request is what to fetch.
type Request struct {
	Names   []string
	Account string
	// From is a vault, folder or project, in the words of the program; it is put
	// before each name.
	From string
}

// prefixed gives the names with From before them.
func (r Request) prefixed() []string {
	if r.From == "" {
		return r.Names
	}
	all := make([]string, len(r.Names))
	for i, n := range r.Names {
		all[i] = r.From + "/" + n
	}
	return all
}

// Shell is where the programs run.
type Shell struct {
	Runner run.Runner
	Dir    string
	// Environ is the whole environment, KEY=value.
	Environ []string
	// Stdin is for programs that ask; Stderr gets what they complain.
	Stdin  io.Reader
	Stderr io.Writer
	// Hide is told each session key.
	Hide func(...string)
	// Resolve gives 1Password's values for references without the program, by a
	// service account; nil: there is none.
	Resolve func(ctx context.Context, refs []string) (map[string]secret.Secret, error)
}

// Adapter is one password manager.
type Adapter struct {
	name  string // Kamal's name, "one_password"
	short string // another spelling, in any case
	title string // what is not installed, "1Password CLI"
	check string // succeeds when the program is there; empty: nothing is needed

	// NeedsAccount: a Request without Account is refused.
	NeedsAccount bool

	login func(context.Context, *session) error
	fetch func(context.Context, *session, Request) (*ordered.Object, error)
	// without is tried when the program is missing; it may be nil.
	without func(context.Context, Shell, Request) (*ordered.Object, error)
}

func table() []Adapter {
	return []Adapter{
		onePassword(), bitwarden(), bitwardenSM(), lastPass(), awsSecretsManager(), gcpSecretManager(), doppler(), enpass(),
		passbolt(), reversing(),
	}
}

// Lookup finds an adapter by Kamal's names for it: the short form in any case,
// the name with underscores, or that name in camel case.
func Lookup(name string) (Adapter, error) {
	for _, a := range table() {
		if name == a.name || name == camel(a.name) || a.short != "" && strings.EqualFold(name, a.short) {
			return a, nil
		}
	}
	return Adapter{}, fmt.Errorf("Unknown secrets adapter: %s", name) //nolint:staticcheck // Kamal's words
}

func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// Fetch gives the values by name, in the program's order. A *Failure has Kamal's
// text.
func (a Adapter) Fetch(ctx context.Context, sh Shell, r Request) (*ordered.Object, error) {
	if a.NeedsAccount && strings.TrimSpace(r.Account) == "" {
		return nil, fail(nil, "Missing required option '--account'")
	}
	s := &session{Shell: sh, account: r.Account}
	if a.check != "" {
		if _, err := s.run(ctx, a.check+" 2> /dev/null"); err != nil {
			if f := refused(err); f == nil {
				return nil, err
			}
			if a.without != nil && sh.Resolve != nil {
				return a.without(ctx, sh, r)
			}
			return nil, fail(nil, "%s is not installed", a.title)
		}
	}
	if a.login != nil {
		if err := a.login(ctx, s); err != nil {
			return nil, err
		}
	}
	return a.fetch(ctx, s, r)
}
