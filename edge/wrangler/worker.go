package wrangler

import (
	"path/filepath"
	"slices"

	"github.com/warmlyyours/hwdeploy/edge/mistake"
)

// Worker is one environment of a configuration file.
type Worker struct {
	File    string // as mistakes show it
	Dir     string // paths below are relative to it; Parse sets the file's
	Name    string // of the script
	Account string // "" = the caller's
	Main    string
	// Metadata goes into the upload as it is: compatibility_date,
	// compatibility_flags, placement, limits, observability, logpush,
	// tail_consumers.
	Metadata map[string]any
	Bindings []map[string]any // in the API's words, sorted by name
	KeepVars bool             // keep variables that were set elsewhere
	Routes   []Route
	// WorkersDev and PreviewURLs: the address below workers.dev, and those of
	// versions. As in wrangler, there is one where there are no routes.
	WorkersDev, PreviewURLs bool
	Crons                   []string // nil = leave them alone, empty = none
	Bundle                  Bundle
}

// Route is where a Worker answers.
type Route struct {
	Pattern      string // "host/path*", or a host for a custom domain
	ZoneID       string // "" = the caller's zone
	CustomDomain bool
}

// Bundle says how the script is bundled.
type Bundle struct {
	Define, Alias                     map[string]string
	Minify, KeepNames                 bool
	TSConfig, JSXFactory, JSXFragment string
	Rules                             []Rule
}

// Rule is a type of module with globs of files.
type Rule struct {
	Type  string // Text, Data, CompiledWasm
	Globs []string
}

// Environment says which part of a file counts.
type Environment struct {
	// Name is looked for below env.
	Name string
	// Base: the file's top level is meant when there is no such environment. It
	// is also meant in a file without any.
	Base bool
}

// Parse reads a file; name is its path as mistakes show it. The error is a
// mistake.List.
func Parse(name string, text []byte, e Environment) (*Worker, error) {
	r := &reader{file: name}
	root, bad := tree(name, text)
	if bad != nil {
		r.say(bad.line, "%s", bad.text)
		return nil, r.wrong
	}
	if root.table() == nil {
		r.say(0, "should be a table of keys")
		return nil, r.wrong
	}
	s := r.section(root, e)
	r.checkKeys(root, s)
	w := r.worker(s)
	slices.SortStableFunc(r.wrong, func(a, b mistake.Mistake) int { return a.Line - b.Line })
	if err := r.wrong.OrNil(); err != nil {
		return nil, err
	}
	w.File, w.Dir = name, filepath.Dir(name)
	return w, nil
}

type reader struct {
	file  string
	wrong mistake.List
}

func (r *reader) say(line int, format string, args ...any) {
	r.wrong.Say(r.file, line, format, args...)
}

// section is the part of a file that counts: the top level, and an environment
// over it.
type section struct {
	top, env map[string]node
	name     string // of the environment; "" = the top level alone
}

func (r *reader) section(root node, e Environment) section {
	top := root.table()
	envs, ok := top["env"]
	if !ok || len(envs.table()) == 0 {
		return section{top: top}
	}
	if n, ok := envs.table()[e.Name]; ok {
		if n.table() == nil {
			r.say(n.line, "env.%s should be a table", e.Name)
		}
		return section{top: top, env: n.table(), name: e.Name}
	}
	if !e.Base {
		r.say(envs.line, "there is no env.%s; the top level is another environment's", e.Name)
	}
	return section{top: top}
}

// get gives a key as wrangler inherits it.
func (s section) get(key string) (node, bool) {
	if n, ok := s.env[key]; ok {
		return n, true
	}
	if s.name != "" && keys[key].alone {
		return node{}, false
	}
	n, ok := s.top[key]
	return n, ok
}
