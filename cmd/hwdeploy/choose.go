package main

import (
	"context"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// chooser asks a person which version to roll back to; nil = nobody can be asked.
func (a *app) chooser(g *globals) func(context.Context, []deploy.VersionChoice) (string, error) {
	if a.asker == nil || a.asKamal || g.output == "json" || g.output == "github" {
		return nil
	}
	return func(ctx context.Context, choices []deploy.VersionChoice) (string, error) {
		q := ui.Question{Title: "Roll back to which version?"}
		for _, c := range choices {
			q.Options = append(q.Options, ui.Option{Value: c.Version, Label: c.Label, Selected: c.Previous})
		}
		a.hush()
		return a.asker.Choose(ctx, q)
	}
}
