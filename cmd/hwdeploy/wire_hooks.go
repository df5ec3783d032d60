package main

import (
	"context"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/hooks"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// userHooks adapts the hook runner to what a deploy asks.
type userHooks struct{ r *hooks.Runner }

func (w *world) hooks(cfg *config.Config) userHooks {
	return userHooks{&hooks.Runner{Dir: w.Dir, Path: cfg.HooksPath, Environ: cfg.Environ, Program: w.Program, Local: run.Local{}}}
}

func (h userHooks) Exists(name string) bool { return h.r.Exists(name) }

func (h userHooks) Run(ctx context.Context, name string, env []string, secrets []deploy.NamedSecret, output func(stream, text string)) error {
	var given []hooks.Secret
	for _, s := range secrets {
		given = append(given, hooks.Secret{Name: s.Name, Value: s.Value})
	}
	return h.r.Run(ctx, name, env, given, output)
}

// Close removes what was made for hooks.
func (h userHooks) Close() error { return h.r.Close() }
