package resolve

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// Environment gives the variables that a role's container has on a host, as
// "KEY=VALUE" by key. Where the host's shell has a say in the value, as with
// "${NAME}", the entry is empty. lookup gives the value of a secret's name.
func Environment(c *config.Config, role *config.Role, host string, lookup func(string) (string, error)) (map[string]string, error) {
	content, err := EnvFile(c, role, host, lookup)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		if key, _, ok := strings.Cut(line, "="); ok {
			out[key] = line
		}
	}
	clear, _ := c.EnvFor(role, host)
	for _, p := range Pairs(clear) {
		out[p.Key] = ""
		if text, ok := p.Plain(); ok {
			out[p.Key] = p.Key + "=" + text
		}
	}
	return out, nil
}
