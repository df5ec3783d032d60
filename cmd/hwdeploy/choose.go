package main

import (
	"context"
	"os"

	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// chooser asks a person which version to roll back to; nil = nobody can be asked.
func (a *app) chooser(g *globals) func(context.Context, []deploy.VersionChoice) (string, error) {
	asker := a.versionAsker()
	if asker == nil || g.output == "json" || g.output == "github" {
		return nil
	}
	return func(ctx context.Context, choices []deploy.VersionChoice) (string, error) {
		q := ui.Question{Title: "Roll back to which version?"}
		for _, c := range choices {
			q.Options = append(q.Options, ui.Option{Value: c.Version, Label: c.Label, Selected: c.Previous})
		}
		a.hush()
		return asker.Choose(ctx, q)
	}
}

func (a *app) versionAsker() ui.Asker {
	in, ok := a.stdin.(*os.File)
	if !ok || a.screen() == nil || !term.IsTerminal(int(in.Fd())) { //nolint:gosec // a descriptor fits
		return nil
	}
	return ui.Terminal{In: in, Out: os.Stderr, Environ: a.environ}
}
