package config

import (
	"slices"
	"sort"
	"strings"
)

// Selection is what one command works on, after --hosts, --roles and --primary.
type Selection struct {
	Hosts          []string // primary role's hosts first
	AppHosts       []string // likewise
	ProxyHosts     []string
	AccessoryHosts []string
	Roles          []*Role // primary role first; those with a selected host
	PrimaryHost    string  // holds the lock; may lie outside Hosts. Empty without servers
	PrimaryRole    string  // empty: none of Roles is on the primary host
}

// RolesOn gives the selected roles of a host, the primary role first.
func (s *Selection) RolesOn(host string) []*Role {
	return slices.DeleteFunc(slices.Clone(s.Roles), func(r *Role) bool { return !r.HasHost(host) })
}

// SplitFilter cuts the value of --hosts or --roles; blanks are kept.
func SplitFilter(value string) []string { return splitList(value, ",") }

// selector holds what the filters chose; nil = no filter.
type selector struct {
	c     *Config
	hosts []string
	roles []*Role
}

// Select applies the filters: patterns of hosts, then of roles; primary replaces
// the hosts by the primary host of the first selected role, or of the
// configuration. Errors are *Errors of kind ArgumentError.
func (c *Config) Select(hosts, roles []string, primary bool) (*Selection, error) {
	s := &selector{c: c}
	if err := s.filterHosts(hosts); err != nil {
		return nil, err
	}
	if err := s.filterRoles(roles); err != nil {
		return nil, err
	}
	if primary {
		host := c.PrimaryHost()
		if len(s.roles) > 0 {
			host = firstHost(s.roles[0])
		}
		if host == "" {
			return nil, argumentError("There is no primary host: no role with a host is selected", "")
		}
		if err := s.filterHosts([]string{host}); err != nil {
			return nil, err
		}
	}
	return s.selection(), nil
}

func (s *selector) filterHosts(patterns []string) error {
	if len(patterns) == 0 {
		return nil
	}
	if s.hosts = matchAll(patterns, s.c.AllHosts()); len(s.hosts) == 0 {
		return argumentError("No --hosts match for "+strings.Join(patterns, ","), hint("hosts", s.c.AllHosts()))
	}
	return nil
}

func (s *selector) filterRoles(patterns []string) error {
	if len(patterns) == 0 {
		return nil
	}
	var names []string
	for _, r := range s.c.Roles {
		names = append(names, r.Name)
	}
	for _, name := range matchAll(patterns, names) {
		s.roles = append(s.roles, s.c.role(name))
	}
	if len(s.roles) == 0 {
		return argumentError("No --roles match for "+strings.Join(patterns, ","), s.c.roleHint())
	}
	return nil
}

// matchAll goes filter by filter, then through the items in their order.
func matchAll(patterns, items []string) []string {
	var out []string
	for _, p := range patterns {
		for _, item := range items {
			if glob(p, item) {
				out = append(out, item)
			}
		}
	}
	return unique(out)
}

func argumentError(message, hint string) error {
	return newErrors([]Issue{{Kind: ArgumentError, Message: message, Hint: hint}})
}

func (c *Config) roleHint() string {
	names := make([]string, len(c.Roles))
	for i, r := range c.Roles {
		names[i] = r.Name
	}
	return hint("roles", names)
}

// hint says what there is to choose from, of many the first; "" = nothing.
func hint(what string, names []string) string {
	const most = 20
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		names = append(slices.Clone(names[:most]), "…")
	}
	return what + " here: " + strings.Join(names, ", ")
}

func (s *selector) selection() *Selection {
	hosts := s.selectedHosts()
	out := &Selection{Roles: s.selectedRoles(), PrimaryHost: s.primaryHost()}
	var primary *Role
	for _, r := range out.Roles {
		if r.HasHost(out.PrimaryHost) && (primary == nil || r.Name == s.c.PrimaryRole) {
			primary = r
		}
	}
	if primary != nil {
		out.PrimaryRole = primary.Name
		sort.SliceStable(out.Roles, func(i, j int) bool { return out.Roles[i] == primary && out.Roles[j] != primary })
	}
	out.Hosts = primaryFirst(hosts, primary)
	out.AppHosts = primaryFirst(intersect(s.c.AppHosts(), hosts), primary)
	out.ProxyHosts = intersect(s.c.ProxyHosts(), hosts)
	out.AccessoryHosts = intersect(s.c.AccessoryHosts(), hosts)
	return out
}

func (s *selector) baseHosts() []string {
	if s.hosts != nil {
		return s.hosts
	}
	return s.c.AllHosts()
}

// selectedHosts: roles restrict the hosts only when they have any.
func (s *selector) selectedHosts() []string {
	var ofRoles []string
	for _, r := range s.roles {
		ofRoles = append(ofRoles, r.HostNames()...)
	}
	if len(ofRoles) == 0 {
		return s.baseHosts()
	}
	return intersect(s.baseHosts(), ofRoles)
}

func (s *selector) selectedRoles() []*Role {
	roles, hosts := s.roles, s.baseHosts()
	if roles == nil {
		roles = s.c.Roles
	}
	var out []*Role
	for _, r := range roles {
		if len(intersect(hosts, r.HostNames())) > 0 {
			out = append(out, r)
		}
	}
	return out
}

func (s *selector) primaryHost() string {
	if len(s.hosts) > 0 {
		return s.hosts[0]
	}
	for _, r := range s.roles {
		if r.Name == s.c.PrimaryRole && len(r.Hosts) > 0 {
			return firstHost(r)
		}
	}
	if len(s.roles) > 0 && len(s.roles[0].Hosts) > 0 {
		return firstHost(s.roles[0])
	}
	return s.c.PrimaryHost()
}

func firstHost(r *Role) string {
	if len(r.Hosts) == 0 {
		return ""
	}
	return r.Hosts[0].Name
}

func primaryFirst(hosts []string, primary *Role) []string {
	out := append([]string(nil), hosts...)
	if primary != nil {
		sort.SliceStable(out, func(i, j int) bool { return primary.HasHost(out[i]) && !primary.HasHost(out[j]) })
	}
	return out
}

// intersect keeps the order of a.
func intersect(a, b []string) []string {
	in := make(map[string]bool, len(b))
	for _, s := range b {
		in[s] = true
	}
	out := []string{}
	for _, s := range a {
		if in[s] {
			out = append(out, s)
		}
	}
	return out
}
