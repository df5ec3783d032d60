package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/erb"
	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// reader turns the files into one merged tree.
type reader struct {
	opts   Options
	dir    string
	env    *environment
	consts *erb.Consts
	report *report
}

func newReader(o Options) *reader {
	return &reader{opts: o, env: newEnvironment(o.Environ), consts: &erb.Consts{}, report: newReport()}
}

// read gives the merged tree, nil after a mistake.
func (r *reader) read(ctx context.Context) (merged Value, err error) {
	var files []string
	if r.dir, files, err = r.opts.paths(); err != nil {
		return nil, fmt.Errorf("find the configuration: %w", err)
	}
	for i, path := range files {
		tree, ok := r.file(ctx, path, i > 0)
		if !ok {
			return nil, ctx.Err()
		}
		merged = psych.Merge(merged, psych.Symbolize(tree))
	}
	return merged, nil
}

// name is the path as messages show it.
func (r *reader) name(path string) string {
	if rel, err := filepath.Rel(r.dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}

// otherFiles says what to read in place of a file that is missing.
func (r *reader) otherFiles(overlay bool) string {
	_, files, err := r.opts.paths()
	if err != nil || !overlay {
		return "hwdeploy init writes one; -c names another"
	}
	there, err := filepath.Glob(destinationFile(files[0], "*"))
	if err != nil || len(there) == 0 {
		return "no destination has a file here: leave -d out"
	}
	for i, path := range there {
		name := strings.TrimPrefix(filepath.Base(path), filepath.Base(strings.TrimSuffix(destinationFile(files[0], ""), ".yml")))
		there[i] = strings.TrimSuffix(name, ".yml")
	}
	return "destinations with a file: " + strings.Join(there, ", ")
}

// file reads, renders and parses one file. overlay: an empty file changes nothing.
func (r *reader) file(ctx context.Context, path string, overlay bool) (Value, bool) {
	name := r.name(path)
	at := Pos{File: name}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.report.fail(Issue{Kind: RuntimeError, Pos: at, Message: "Configuration file not found in " + path, Hint: r.otherFiles(overlay)})
		return nil, false
	case err != nil:
		r.report.fail(Issue{Kind: RuntimeError, Pos: at, Message: fmt.Sprintf("can't read the configuration: %v", err)})
		return nil, false
	}
	r.report.addSource(name, string(text))
	rendered, ok := r.render(ctx, name, text)
	if !ok {
		return nil, false
	}
	tree, err := psych.Parse(rendered.Text, rendered.Map)
	if err != nil {
		r.report.failWith(SyntaxError, at, err)
		return nil, false
	}
	return r.root(tree, at, overlay)
}

// root makes sure that the tree is a map. An empty overlay is none: Kamal crashes
// there, and what is meant is plain.
func (r *reader) root(tree Value, at Pos, overlay bool) (Value, bool) {
	switch {
	case tree == nil && overlay:
		r.report.warn(Issue{Pos: at, Message: "the file is empty and changes nothing; Kamal stops at it",
			Hint: "write one key that differs, or repeat one (service: NAME)"})
		return nil, true
	case tree == nil:
		r.report.fail(Issue{Kind: OwnError, Pos: at, Message: "the file is empty; a configuration needs at least service, image, servers, registry and builder"})
		return nil, false
	case tree.Kind != psych.Map:
		r.report.fail(Issue{Kind: OwnError, Pos: tree.Pos, Message: "the file must hold a map of keys such as service, image and servers"})
		return nil, false
	}
	return tree, true
}

func (r *reader) render(ctx context.Context, name string, text []byte) (erb.Result, bool) {
	result, err := erb.Render(name, text, r.erbEnv(ctx))
	if err != nil {
		r.report.failWith(TemplateError, Pos{File: name}, err)
		return result, false
	}
	for _, w := range result.Warnings {
		r.report.warn(Issue{Pos: w.Pos, Message: w.Msg})
	}
	return result, true
}
