package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/facts"
	"github.com/warmlyyours/hwdeploy/internal/ui"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

// factFlags are those of config --facts.
type factFlags struct {
	all         bool
	names       []string
	showSecrets bool
}

// printFacts prints the facts of a configuration, all or by name.
func (a *app) printFacts(ctx context.Context, w *world, f factFlags) error {
	if list := encodings(ctx, f.names); len(list) > 0 && len(list) == len(f.names) {
		return a.showFacts(list, f.showSecrets)
	}
	cfg, err := config.Load(ctx, w.options())
	var mistakes *config.Errors
	if errors.As(err, &mistakes) {
		return a.rawFacts(ctx, w, f, err)
	}
	if err != nil {
		return err
	}
	w.warn(cfg)
	o := facts.Options{
		Config: cfg, Secrets: w.vault(cfg), Hosts: w.Hosts, Roles: w.Roles, Primary: w.Primary,
		Version: func(ctx context.Context) (string, error) { return w.appVersion(ctx, cfg) },
		Arch:    w.dockerArch,
		Render: func(ctx context.Context, path string, environ []string) (string, error) {
			return w.rendered(ctx, cfg, path, environ)
		},
	}
	list, err := find(ctx, o, f.names)
	if err != nil {
		return err
	}
	return errors.Join(a.showFacts(list, f.showSecrets), w.failed(list, len(f.names) > 0))
}

// find gives the facts of the names, or all.
func find(ctx context.Context, o facts.Options, names []string) (list []facts.Fact, err error) {
	if len(names) == 0 {
		return facts.All(ctx, o), nil
	}
	for _, n := range names {
		found := facts.Find(ctx, o, n)
		if len(found) == 0 && !slices.Contains(facts.Names(), n) {
			return nil, usage("no fact %q; there are: %s", n, strings.Join(facts.Names(), ", "))
		}
		list = append(list, found...)
	}
	return list, nil
}

// failed tells of the facts that can't be resolved, each cause once. A checkout
// without secrets files is no mistake unless such a fact was asked for by name.
func (w *world) failed(list []facts.Fact, named bool) (err error) {
	told := map[string]bool{}
	for _, f := range facts.Failed(list) {
		text := facts.ErrorText(f.Err)
		if told[text] {
			continue
		}
		told[text] = true
		var missing *vault.NotFoundError
		if !named && errors.As(f.Err, &missing) && len(missing.Files) == 0 {
			w.Sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{Text: f.Key() + ": " + text}})
			continue
		}
		err = errors.Join(err, &factError{fmt.Errorf("%s: %w", f.Key(), f.Err)})
	}
	return err
}

// encodings are those of the facts asked for that need no configuration.
func encodings(ctx context.Context, names []string) (list []facts.Fact) {
	for _, n := range names {
		list = append(list, facts.Find(ctx, facts.Options{}, n)...)
	}
	return list
}

// factError is a fact of the configuration that can't be resolved.
type factError struct{ error }

func (e *factError) Unwrap() error { return e.error }
func (e *factError) ExitCode() int { return ui.ExitConfig }

// rawFacts shows what can be said of a configuration that does not load; the
// mistakes are the error.
func (a *app) rawFacts(ctx context.Context, w *world, f factFlags, mistakes error) error {
	raw, err := config.LoadRaw(ctx, w.options())
	if err != nil {
		raw = nil // not even a tree
	}
	list := facts.Unloaded(mistakes, raw)
	if len(f.names) > 0 {
		list = slices.DeleteFunc(list, func(x facts.Fact) bool {
			return !slices.Contains(f.names, x.Key()) && !slices.Contains(f.names, x.Name)
		})
		list = append(list, encodings(ctx, f.names)...)
	}
	return errors.Join(a.showFacts(list, f.showSecrets), mistakes)
}

func (a *app) showFacts(list []facts.Fact, showSecrets bool) error {
	a.flush()
	for _, fact := range list {
		out := a.stdout
		if showSecrets {
			out = a.open
		}
		if _, err := fmt.Fprintln(out, fact.Text(showSecrets)); err != nil {
			return err
		}
	}
	return nil
}

// dockerArch asks the local Docker for its architecture, as Kamal does.
func (w *world) dockerArch(ctx context.Context) (string, error) {
	return config.DockerArch(ctx, w.options())
}
