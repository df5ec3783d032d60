// Package vault reads a project's secrets files and resolves what they name:
// variables, commands, `$(kamal secrets …)` in process, and 1Password references.
//
// It knows no host, no event and no screen. It imports internal/secret and
// internal/run; 1Password's SDK is handed in (sub-package onepassword), so that
// nothing of it runs unless a reference asks for it.
//
// Laws: files are read at the first look-up, once per run, by one goroutine;
// every value keeps every byte; every value is known to the redactor before
// anything else happens with it; no value is in an error or in a command line
// that this package writes.
//
// Two deliberate differences from Kamal, where Kamal loses data: a `$` in the
// output of a command, of fetch or of extract is kept (Kamal replaces it as a
// variable); a program that is missing is an error with file, line and name
// (Kamal then treats the whole file as empty, or the value).
//
// A value that is nothing but a reference `op://vault/item/[section/]field`
// stands for the value it refers to, unless it is in single quotes. All
// references are resolved in one go.
//
// Sources: https://github.com/basecamp/kamal/blob/main/lib/kamal/secrets.rb,
// https://kamal-deploy.org/docs/commands/secrets/,
// https://developer.1password.com/docs/cli/secret-reference-syntax/.
package vault

import (
	"context"
	"io"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// ResolveFunc gives the values of 1Password references by a service-account
// token. A reference is in exactly one of values and failed; err is about all.
type ResolveFunc func(ctx context.Context, token secret.Secret, refs []string) (values map[string]secret.Secret, failed map[string]error, err error)

// Options say where the secrets are and how to reach the outside.
type Options struct {
	// Dir is the project: paths are relative to it, commands run in it.
	Dir string
	// SecretsPath is the configuration's secrets_path; empty: ".kamal/secrets".
	SecretsPath string
	// Destination selects the second file; empty: none.
	Destination string
	// Environ is the whole process environment, KEY=value. KAMAL_DESTINATION is
	// set here by Destination.
	Environ []string
	// Runner runs commands on this machine with sh.
	Runner run.Runner
	// Stdin is for programs that ask for a password: a file, since every command
	// gets the same; it may be nil.
	Stdin io.Reader
	// Stderr gets what commands complain; pass a redacting writer. It may be nil.
	Stderr io.Writer
	// Redactor is told every value; nil: one of the vault's own.
	Redactor *secret.Redactor
	// Warn is told what is accepted though it is probably a mistake; it may be nil.
	Warn func(Warning)
	// Account is 1Password's account for the op program (x-hwdeploy.onepassword.account).
	Account string
	// Ignored tells whether git keeps a path of the project to itself; nil: not
	// asked. In no checkout every path is.
	Ignored func(ctx context.Context, path string) (bool, error)
	// OnePassword resolves references when there is a service-account token; nil:
	// the op program does it.
	OnePassword ResolveFunc
}

// Warning is something in a secrets file that does not do what it seems to.
type Warning struct {
	File string
	Line int
	Text string
}

// Entry is one secret.
type Entry struct {
	Name  string
	Value secret.Secret
}

// Vault is the secrets of one project and destination.
type Vault struct {
	o       Options
	red     *secret.Redactor
	sem     chan struct{} // held while loading
	loaded  bool
	entries []Entry
	err     error
}

// New gives a Vault that reads nothing until the first look-up.
func New(o Options) *Vault {
	if o.SecretsPath == "" {
		o.SecretsPath = ".kamal/secrets"
	}
	v := &Vault{o: o, red: o.Redactor, sem: make(chan struct{}, 1)}
	if v.red == nil {
		v.red = secret.NewRedactor()
	}
	return v
}

// All gives every secret in the order in which the names first appear. Reading
// happens once, whoever asks first; its error is given to everyone. Only a
// cancelled reading may be tried again.
func (v *Vault) All(ctx context.Context) ([]Entry, error) {
	select {
	case v.sem <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-v.sem }()
	if v.loaded {
		return v.entries, v.err
	}
	entries, err := v.read(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	v.loaded, v.entries, v.err = true, entries, err
	return entries, err
}

// Get gives one secret; its value may be empty. A *NotFoundError tells that no
// file has the name.
func (v *Vault) Get(ctx context.Context, name string) (secret.Secret, error) {
	entries, err := v.All(ctx)
	if err != nil {
		return secret.Secret{}, err
	}
	for _, e := range entries {
		if e.Name == name {
			return e.Value, nil
		}
	}
	return secret.Secret{}, &NotFoundError{Name: name, Files: v.Files(), Looked: v.paths()}
}
