package config

import (
	"context"
	"fmt"
	"os"

	"github.com/warmlyyours/hwdeploy/config/internal/erb"
)

// RenderFile renders a template that is no configuration, such as a file of an
// accessory, and gives its text. path is relative to o.Dir; o.Environ is all that
// the template sees, so give it the accessory's variables and secrets. Mistakes in
// the template are *Errors; they show its source, never a value.
func RenderFile(ctx context.Context, o Options, path string) (string, error) {
	r := newReader(o)
	var err error
	if r.dir, _, err = o.paths(); err != nil {
		return "", fmt.Errorf("render %s: %w", path, err)
	}
	text, err := os.ReadFile(r.path(path))
	if err != nil {
		return "", fmt.Errorf("render %s: %w", path, err)
	}
	name := r.name(r.path(path))
	r.report.addSource(name, string(text))
	env := r.erbEnv(ctx)
	env.YAML = false // a comment there is no reason to drop a tag
	result, err := erb.Render(name, text, env)
	if err != nil {
		r.report.failWith(TemplateError, Pos{File: name}, err)
		return "", r.report.err()
	}
	return string(result.Text), ctx.Err()
}
