package config

import (
	"sort"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// roleSource is a role as written: a list of hosts or a map.
type roleSource struct {
	name string
	path string // of its host list
	pos  Pos
	node Value
}

// servers checks and builds the roles, in the order of their names.
func (l *loader) servers() {
	n := l.root.Get("servers")
	if n == nil || n.Kind != psych.List && n.Kind != psych.Map {
		return
	}
	for _, s := range l.roleSources(n) {
		l.checkRole(s)
		l.cfg.Roles = append(l.cfg.Roles, l.role(s))
	}
}

func (l *loader) roleSources(n Value) []roleSource {
	if n.Kind == psych.List {
		return []roleSource{{name: "web", path: "servers", pos: n.Pos, node: n}}
	}
	var out []roleSource
	for _, p := range n.Pairs {
		path := under("servers", p.Key.KeyText())
		if p.Key.Kind != psych.String {
			l.own(p.Key.Pos, path, "the name of a role must be text", "quote it")
			continue
		}
		l.warnName(p.Key.Pos, path, "role", p.Key.Str)
		out = append(out, roleSource{name: p.Key.Str, path: path, pos: p.Key.Pos, node: p.Value})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func (l *loader) checkRole(s roleSource) {
	switch s.node.Kind {
	case psych.List:
		l.isHosts(s.path, s.pos, s.node)
	case psych.Map:
		l.fields(s.path, s.pos, s.node, roleSpec())
		l.checkLabels(s.path, s.node)
		l.checkRestart(s.path, s.node)
		l.checkEnv(under(s.path, "env"), mapOf(s.node.Get("env")), false)
		l.checkSection(under(s.path, "logging"), s.node.Get("logging"), loggingSpec())
		l.checkProxy(under(s.path, "proxy"), mapOf(s.node.Get("proxy")))
	default:
		l.say(s.pos, s.path, "should be an array or a hash")
	}
}

// checkSection checks a section when it is a map; if not, that was said already.
func (l *loader) checkSection(path string, n Value, specs []spec) {
	if n := mapOf(n); n != nil {
		l.fields(path, n.Pos, n, specs)
	}
}

// role builds a role, with the root's settings merged in where Kamal does.
func (l *loader) role(s roleSource) *Role {
	own := mapOf(s.node)
	list, path := s.node, s.path
	if own != nil {
		list, path = own.Get("hosts"), under(s.path, "hosts")
	}
	r := &Role{
		Name: s.name, Pos: s.pos,
		Hosts:       l.hosts(path, list),
		Cmd:         textAt(own.Get("cmd")),
		StopTimeout: intOf(own.Get("stop_timeout")),
		Logging:     loggingOf(psych.Merge(l.get("logging"), mapOf(own.Get("logging")))),
		Labels:      pairsOf(mapOf(own.Get("labels"))),
		Env:         envOf(own.Get("env")),
	}
	r.Options, r.Restart = optionsOf(own)
	l.roleProxy(r, own)
	return r
}

func (l *loader) roleProxy(r *Role, own Value) {
	setting := own.Get("proxy")
	r.Proxied = setting.Truthy()
	if setting == nil && l.isPrimary(r.Name) {
		r.Proxied = true
	}
	if !r.Proxied {
		return
	}
	r.Proxy = l.proxyOf(l.mergedProxy(mapOf(setting)))
	r.AssetPath = textOr(own.Get("asset_path"), l.cfg.AssetPath)
}

// mergedProxy lays a role's proxy over the root's.
func (l *loader) mergedProxy(own Value) Value {
	return psych.Merge(l.get("proxy"), own)
}

// isPrimary compares as Kamal does: a primary_role that is no string names the
// role but gives it no proxy.
func (l *loader) isPrimary(name string) bool {
	if n := l.root.Get("primary_role"); n.Truthy() && n.Kind != psych.String {
		return false
	}
	return name == l.cfg.PrimaryRole
}

func (c *Config) role(name string) *Role {
	for _, r := range c.Roles {
		if r.Name == name {
			return r
		}
	}
	return nil
}
