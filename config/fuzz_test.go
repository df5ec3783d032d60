package config

import (
	"errors"
	"strings"
	"testing"
)

// FuzzLoad: whatever the text, loading ends with a configuration or with mistakes
// that have messages, and a configuration can be asked everything.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		baseLines + "servers: [a]\n", baseLines + selectable, "a: &a [*a]", "<%= ENV['A'] %>", "servers: {web: {hosts: [{a: }]}}",
		baseLines + "servers: {web: [{a: b}], 1: [c]}\naccessories: {x: {tag: b}, y: {roles: }}\n", "proxy: {ssl: {}, run: []}\nservers: {web: {proxy: {run: {}}}}",
		"registry: []\nenv: {tags: {a: {tags: []}}}\nhooks_output: {a: [1]}", "x-hwdeploy: {quiet: {roles: {}}, migrate: {role: []}, edge: {redirects: []}}\nservers: {}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := files{"deploy.yml": text}.write(t)
		c, err := Load(t.Context(), Options{Dir: dir, File: "deploy.yml"})
		if err != nil {
			var all *Errors
			if !errors.As(err, &all) || len(all.Issues) == 0 || strings.TrimSpace(all.Error()) == "" {
				t.Fatalf("no mistakes: %v", err)
			}
			return
		}
		if s, err := c.Select(nil, nil, false); err != nil || len(s.Hosts) != len(c.AllHosts()) {
			t.Fatalf("selection: %v", err)
		}
		for _, r := range c.Roles {
			for _, h := range r.Hosts {
				c.EnvFor(r, h.Name)
				c.ProxyRunFor(h.Name)
			}
		}
	})
}
