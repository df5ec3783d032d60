package bundle

import (
	"crypto/sha1" //nolint:gosec // a name, as wrangler makes it
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/gobwas/glob"

	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

// parts are the files that are imported and not bundled: texts, data, wasm.
type parts struct {
	rules []partRule
	mu    sync.Mutex // esbuild resolves in parallel
	found map[string]Module
}

type partRule struct {
	glob glob.Glob
	typ  string
}

func newParts(rules []wrangler.Rule) (*parts, error) {
	types := map[string]string{"Text": typeText, "Data": typeData, "CompiledWasm": typeWasm}
	p := &parts{found: map[string]Module{}}
	for _, r := range rules {
		for _, text := range r.Globs {
			g, err := glob.Compile(strings.ReplaceAll(text, "?", `\?`), '/')
			if err != nil {
				return nil, fmt.Errorf("rules: glob %s: %w", text, err)
			}
			p.rules = append(p.rules, partRule{g, types[r.Type]})
		}
	}
	return p, nil
}

func (p *parts) typeOf(path string) string {
	for _, r := range p.rules {
		if r.glob.Match(path) || r.glob.Match("./"+path) {
			return r.typ
		}
	}
	return ""
}

// inner marks a question of ours, so that it is not asked again.
type inner struct{}

func (p *parts) setup(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: `\.`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		typ := p.typeOf(a.Path)
		if _, ours := a.PluginData.(inner); ours || typ == "" || a.Kind == api.ResolveEntryPoint {
			return api.OnResolveResult{}, nil
		}
		path, _, _ := strings.Cut(a.Path, "?")
		at := b.Resolve(path, api.ResolveOptions{Importer: a.Importer, ResolveDir: a.ResolveDir, Kind: a.Kind, PluginData: inner{}})
		if len(at.Errors) > 0 {
			return api.OnResolveResult{Errors: at.Errors}, nil
		}
		name, err := p.add(at.Path, typ)
		return api.OnResolveResult{Path: name, External: true}, err
	})
}

// add takes a file in, and gives the name that the script imports it by.
func (p *parts) add(path, typ string) (string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a source of the Worker
	if err != nil {
		return "", err
	}
	sum := sha1.Sum(text) //nolint:gosec // a name, as wrangler makes it
	name := "./" + hex.EncodeToString(sum[:]) + "-" + filepath.Base(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found[name] = Module{name, typ, text}
	return name, nil
}
