package deploy

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// ProxyFact is the proxy of a host and what it serves.
type ProxyFact struct {
	ContainerFact
	Services []RouteFact `json:"services"`
}

// RouteFact is one service of a proxy.
type RouteFact struct {
	Service string `json:"service"`
	Host    string `json:"host"`
	Path    string `json:"path"`
	Target  string `json:"target"`
	State   string `json:"state"`
	TLS     string `json:"tls"`
}

// ProxyDetails asks for the proxies.
func (e *Engine) ProxyDetails() Question {
	return Question{
		Name: "proxy details", Hosts: e.Selection.ProxyHosts, Facts: readProxies,
		Line: func(string) string { return kamal.ProxyDetailsLine },
		DataLine: func(string) string {
			return kamal.ProxyDetailsLine + asJSON + "; " + kamal.ProxyListLine() + " 2>/dev/null || true"
		},
	}
}

// readProxies reads docker's JSON, a line per container, then the proxy's list.
func readProxies(host, text string) ([]any, error) {
	var jsons, list strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "{") {
			jsons.WriteString(line)
		} else {
			list.WriteString(line)
		}
	}
	routes := []RouteFact{}
	for _, s := range kamal.ParseProxyList(list.String()) {
		routes = append(routes, RouteFact(s))
	}
	containers, err := readContainers(host, jsons.String())
	var out []any
	for _, c := range containers {
		out = append(out, ProxyFact{ContainerFact: c, Services: routes})
	}
	return out, err
}

// BootConfig asks what the proxy would be run with by the older files on the
// hosts.
func (e *Engine) BootConfig() Question {
	return Question{
		Name: "proxy boot_config get", Hosts: e.Selection.ProxyHosts,
		Line: func(string) string { return kamal.BootConfigGetLine() },
		Facts: func(host, text string) ([]any, error) {
			return []any{struct {
				Host string `json:"host"`
				Run  string `json:"run"`
			}{host, strings.TrimSpace(text)}}, nil
		},
	}
}

// BootConfigSet writes the older files by which a proxy is run; one that would
// hold its default is removed.
func (e *Engine) BootConfigSet(ctx context.Context, c kamal.BootConfig) error {
	var gone []string
	line := kamal.BootConfigDirLine
	for _, f := range c.Files() {
		if f.Default {
			gone = append(gone, f.Name)
		} else {
			line += " && (umask 027 && printf %s " + run.Quote(f.Text) + " > " + f.Name + ")"
		}
	}
	if len(gone) > 0 {
		line += " && rm -f " + strings.Join(gone, " ")
	}
	return e.onProxies(ctx, "set the proxy's files", line)
}

// BootConfigReset removes those files.
func (e *Engine) BootConfigReset(ctx context.Context) error {
	var all []string
	for _, f := range kamal.DefaultBootConfig().Files() {
		all = append(all, f.Name)
	}
	return e.onProxies(ctx, "remove the proxy's files", "rm -f "+strings.Join(all, " "))
}

func (e *Engine) onProxies(ctx context.Context, name, line string) error {
	if err := e.connect(ctx, e.Selection.ProxyHosts); err != nil {
		return err
	}
	return e.each(ctx, e.Selection.ProxyHosts, func(ctx context.Context, h Host) error {
		_, err := h.Run(ctx, run.Cmd{Name: name, Line: line})
		return err
	})
}
