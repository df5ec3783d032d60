package image

import (
	"regexp"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/build"
)

var shellVariable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// buildArgs are builder/args as docker gets them from Kamal's line, which a shell
// here reads: "${NAME}" is expanded, every other "$" stays. An argument without a
// value is taken from the environment, and left out where that has none, so that
// the Dockerfile's default counts.
func (m *Maker) buildArgs(pairs []config.Pair) ([]build.Arg, error) {
	var out []build.Arg
	for _, p := range pairs {
		if p.Value.Blank() && p.Value.Truthy() || p.Value.IsNull() {
			if v := m.Env(p.Key); v != "" {
				out = append(out, build.Arg{Name: p.Key, Value: v})
			}
			continue
		}
		text := p.Value.Text()
		if _, rest, odd := strings.Cut(shellVariable.ReplaceAllString(text, ""), "${"); odd && strings.Contains(rest, "}") {
			return nil, &config.Errors{Issues: []config.Issue{issueAt(p.Pos, "args/"+p.Key, "of ${…} only ${NAME} is known here",
				`write the default in the Dockerfile, or <%= ENV["NAME"] || "default" %>`)}}
		}
		out = append(out, build.Arg{Name: p.Key, Value: shellVariable.ReplaceAllStringFunc(text, func(v string) string { return m.Env(v[2 : len(v)-1]) })})
	}
	return out, nil
}
