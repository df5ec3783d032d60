package facts

import (
	"context"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

// Secrets is where the values of secrets come from: a *vault.Vault.
type Secrets interface {
	Get(ctx context.Context, name string) (secret.Secret, error)
	All(ctx context.Context) ([]vault.Entry, error)
}

// Options are what facts are made of. A nil function makes the facts that need it
// fail.
type Options struct {
	Config  *config.Config
	Version func(context.Context) (string, error) // of the app, see Version
	Secrets Secrets
	// Arch is the operator's own architecture, as builder.arch names it.
	Arch func(context.Context) (string, error)
	// Render gives the text of an accessory's file that is a template; environ is
	// the accessory's.
	Render func(ctx context.Context, path string, environ []string) (string, error)
	// Hosts, Roles and Primary are the filters of the command line, for the facts
	// that begin with "sel.".
	Hosts, Roles []string
	Primary      bool
}

// Fact is one resolved fact, or why it can't be resolved.
type Fact struct {
	Name    string
	Subject string
	Bare    bool // no subject in brackets
	Value   string
	Err     error
	Secret  bool   // Value holds a secret
	Hidden  string // what is shown of a secret; "" = Mask
}

// Mask stands for the value of a fact that holds a secret.
const Mask = "********"

// Key is the part before the equals sign.
func (f Fact) Key() string {
	if f.Bare {
		return f.Name
	}
	return f.Name + "[" + f.Subject + "]"
}

// Text is the whole line; secrets are shown only on demand.
func (f Fact) Text(showSecrets bool) string {
	switch {
	case f.Err != nil:
		return f.Key() + " = error: " + ErrorText(f.Err)
	case f.Secret && !showSecrets && f.Hidden != "":
		return f.Key() + " = " + f.Hidden
	case f.Secret && !showSecrets:
		return f.Key() + " = " + Mask
	}
	return f.Key() + " = " + f.Value
}

// All gives every fact.
func All(ctx context.Context, o Options) []Fact {
	var out []Fact
	for _, s := range sources() {
		out = append(out, s.all(ctx, o)...)
	}
	return out
}

// Find gives the facts of a name, or the one of `name[subject]`, which need not
// be among those that All gives; none: there is no such fact. The primitives of
// encoding take their argument as subject; they need no configuration.
func Find(ctx context.Context, o Options, key string) []Fact {
	name, subject, found := cutKey(key)
	if f, ok := primitive(name, subject); ok && found {
		return []Fact{f}
	}
	if o.Config == nil {
		return nil
	}
	for _, s := range sources() {
		switch {
		case s.name != name:
		case !found:
			return s.all(ctx, o)
		default:
			return []Fact{s.one(ctx, o, subject)}
		}
	}
	return nil
}

// Failed gives the facts that can't be resolved.
func Failed(all []Fact) []Fact {
	var out []Fact
	for _, f := range all {
		if f.Err != nil {
			out = append(out, f)
		}
	}
	return out
}

// Names lists the names of all facts.
func Names() []string {
	var out []string
	for _, s := range sources() {
		out = append(out, s.name)
	}
	return append(out, primitives()...)
}

// source makes the facts of one name.
type source struct {
	name     string
	subjects func(context.Context, Options) []string // nil: the fact has no subject
	value    func(context.Context, Options, string) (string, error)
	secret   bool
	hide     func(o Options, value string) (hidden string, secret bool) // instead of secret
}

func (s source) all(ctx context.Context, o Options) []Fact {
	if s.subjects == nil {
		return []Fact{s.one(ctx, o, "")}
	}
	var out []Fact
	for _, subject := range s.subjects(ctx, o) {
		out = append(out, s.one(ctx, o, subject))
	}
	return out
}

func (s source) one(ctx context.Context, o Options, subject string) Fact {
	value, err := s.value(ctx, o, subject)
	f := Fact{Name: s.name, Subject: subject, Bare: s.subjects == nil, Value: value, Err: err, Secret: s.secret}
	if s.hide != nil {
		f.Hidden, f.Secret = s.hide(o, value)
	}
	return f
}

func sources() []source {
	var out []source
	for _, group := range [][]source{rootFacts(), roleFacts(), accessoryFacts(), buildFacts(), secretFacts(), selectionFacts()} {
		out = append(out, group...)
	}
	return out
}
