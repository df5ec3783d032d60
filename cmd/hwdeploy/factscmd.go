package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/facts"
)

// factFlags are those of config --facts.
type factFlags struct {
	all         bool
	names       []string
	showSecrets bool
}

// printFacts prints the facts of a configuration, all or by name.
func (a *app) printFacts(ctx context.Context, w *world, f factFlags) error {
	cfg, err := config.Load(ctx, w.options())
	var mistakes *config.Errors
	if errors.As(err, &mistakes) {
		return a.rawFacts(ctx, w, f, err)
	}
	if err != nil {
		return err
	}
	o := facts.Options{
		Config: cfg, Secrets: w.vault(cfg), Hosts: w.Hosts, Roles: w.Roles, Primary: w.Primary,
		Version: func(ctx context.Context) (string, error) { return w.appVersion(ctx, cfg) },
		Arch:    w.dockerArch,
		Render: func(ctx context.Context, path string, environ []string) (string, error) {
			opts := w.options()
			opts.Environ = environ
			return config.RenderFile(ctx, opts, path)
		},
	}
	list := facts.All(ctx, o)
	if len(f.names) > 0 {
		list = nil
		for _, n := range f.names {
			found := facts.Find(ctx, o, n)
			if len(found) == 0 {
				return usage("no fact %q; there are: %v", n, facts.Names())
			}
			list = append(list, found...)
		}
	}
	return a.showFacts(list, f.showSecrets)
}

// rawFacts shows what can be said of a configuration that does not load, when it
// is asked for by name; the mistakes are the error.
func (a *app) rawFacts(ctx context.Context, w *world, f factFlags, mistakes error) error {
	raw, err := config.LoadRaw(ctx, w.options())
	if err != nil {
		return mistakes
	}
	var list []facts.Fact
	for _, fact := range facts.Raw(raw) {
		for _, n := range f.names {
			if fact.Key() == n || fact.Name == n {
				list = append(list, fact)
			}
		}
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
