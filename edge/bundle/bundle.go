// Package bundle makes one script of a Worker's sources, with esbuild in
// process. It reads files and sends nothing.
//
// Laws: the same sources give the same bytes, wherever they lie; what does not
// compile is told at file:line. Types are stripped, not checked, as in wrangler.
//
// Sources: esbuild.github.io/api/, and the options that wrangler calls it with
// (cloudflare/workers-sdk, deployment-bundle).
package bundle

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/warmlyyours/hwdeploy/edge/mistake"
	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

// Module is one part of a script. Its name is what imports call it.
type Module struct {
	Name string
	Type string // of the content
	Data []byte
}

// The types of modules.
const (
	typeES   = "application/javascript+module"
	typeWasm = "application/wasm"
	typeText = "text/plain"
	typeData = "application/octet-stream"
)

// Script is a Worker's code: the main module first, the others by name.
type Script struct {
	Modules  []Module
	Warnings []string // what compiles and is likely not meant
}

// Main is the name of the main module.
func (s Script) Main() string { return s.Modules[0].Name }

// Build bundles a Worker. What the sources make wrong is a mistake.List.
func Build(w *wrangler.Worker) (Script, error) {
	dir, err := filepath.Abs(w.Dir)
	if err != nil {
		return Script{}, err
	}
	parts, err := newParts(w.Bundle.Rules)
	if err != nil {
		return Script{}, err
	}
	name := strings.TrimSuffix(filepath.Base(w.Main), filepath.Ext(w.Main)) + ".js"
	o := options(w)
	o.AbsWorkingDir, o.EntryPoints, o.Outfile = dir, []string{"./" + filepath.ToSlash(w.Main)}, name
	o.Plugins = []api.Plugin{{Name: "modules", Setup: parts.setup}}
	res := api.Build(o)
	if len(res.Errors) > 0 {
		return Script{}, mistakes(filepath.Dir(w.File), res.Errors)
	}
	if !hasDefault(res.Metafile) {
		return Script{}, mistake.List{{File: filepath.Join(filepath.Dir(w.File), w.Main), Text: "there is no default export: the old service-worker form is not served here"}}
	}
	s := Script{Modules: []Module{{name, typeES, res.OutputFiles[0].Contents}}}
	for _, m := range mistakes(filepath.Dir(w.File), res.Warnings) {
		s.Warnings = append(s.Warnings, m.String())
	}
	for _, k := range slices.Sorted(maps.Keys(parts.found)) {
		s.Modules = append(s.Modules, parts.found[k])
	}
	return s, nil
}

// options are wrangler's.
func options(w *wrangler.Worker) api.BuildOptions {
	define := map[string]string{}
	for _, p := range []string{"", "global.", "globalThis."} {
		define[p+"process.env.NODE_ENV"] = `"production"`
	}
	if d, _ := w.Metadata["compatibility_date"].(string); d >= "2022-03-21" {
		define["navigator.userAgent"] = `"Cloudflare-Workers"`
	}
	maps.Copy(define, w.Bundle.Define)
	return api.BuildOptions{
		Bundle: true, Write: false, Metafile: true, LogLevel: api.LogLevelSilent, LogLimit: 100,
		Format: api.FormatESModule, Target: api.ES2024, Platform: api.PlatformBrowser, Charset: api.CharsetUTF8,
		Conditions:   []string{"workerd", "worker", "browser"},
		Loader:       map[string]api.Loader{".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".cjs": api.LoaderJSX},
		External:     []string{"__STATIC_CONTENT_MANIFEST", "cloudflare:*", "workerd:*", "node:*"},
		Define:       define,
		Alias:        w.Bundle.Alias,
		KeepNames:    w.Bundle.KeepNames,
		Tsconfig:     w.Bundle.TSConfig,
		JSXFactory:   w.Bundle.JSXFactory,
		JSXFragment:  w.Bundle.JSXFragment,
		MinifySyntax: w.Bundle.Minify, MinifyWhitespace: w.Bundle.Minify, MinifyIdentifiers: w.Bundle.Minify,
	}
}

// hasDefault tells whether the bundle has a default export: a module, not a
// service worker.
func hasDefault(metafile string) bool {
	var m struct {
		Outputs map[string]struct{ Exports []string }
	}
	if json.Unmarshal([]byte(metafile), &m) != nil {
		return false
	}
	for _, o := range m.Outputs {
		if slices.Contains(o.Exports, "default") {
			return true
		}
	}
	return false
}

func mistakes(dir string, list []api.Message) mistake.List {
	var all mistake.List
	for _, m := range list {
		if m.Location == nil {
			all.Say(dir, 0, "%s", m.Text)
			continue
		}
		all.Say(filepath.Join(dir, m.Location.File), m.Location.Line, "%s", m.Text)
	}
	return all
}

// Summary is a script in a few words: "index.js, 12 KB, and 1 module".
func (s Script) Summary() string {
	text := fmt.Sprintf("%s, %s KB", s.Main(), strconv.Itoa((len(s.Modules[0].Data)+1023)/1024))
	if n := len(s.Modules) - 1; n > 0 {
		text += fmt.Sprintf(", and %d modules", n)
	}
	return text
}
