package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// checkPlacement: exactly one key says where an accessory runs.
func (l *loader) checkPlacement(path string, p psych.Pair) {
	var found []psych.Pair
	for _, e := range p.Value.Pairs {
		if e.Key.Kind == psych.String && slices.Contains(placementKeys(), e.Key.Str) {
			found = append(found, e)
		}
	}
	at := p.Key.Pos
	if len(found) > 1 {
		at = found[1].Key.Pos
	}
	l.is(len(found) == 1, path, at, "specify one of `host`, `hosts`, `role`, `roles`, `tag` or `tags`")
}

func (l *loader) checkAccessoryRoles(path string, n Value) {
	if roles := n.Get("roles"); roles.Truthy() {
		var missing []string
		at := roles.Pos
		for _, r := range roles.Items {
			if r.Kind != psych.String || l.cfg.role(r.Str) == nil {
				if missing == nil {
					at = r.Pos
				}
				missing = append(missing, r.Text())
			}
		}
		if len(missing) > 0 {
			l.sayHint(at, path, "unknown roles "+strings.Join(missing, ", "), l.roleHint())
		}
		return
	}
	role := n.Get("role")
	switch {
	case role.Truthy() && l.cfg.role(role.Text()) == nil:
		l.sayHint(role.Pos, path, "unknown role "+role.Text(), l.roleHint())
	case role != nil && role.Kind == psych.Bool && !role.Bool:
		l.own(role.Pos, under(path, "role"), "false is no role", l.roleHint())
	}
}

func (l *loader) roleHint() string { return l.cfg.roleHint() }

// placement resolves the hosts of an accessory, duplicates kept.
func (l *loader) placement(path string, n Value) []string {
	switch {
	case n.Get("host") != nil:
		return []string{n.Get("host").Text()}
	case n.Get("hosts") != nil:
		return l.listedHosts(under(path, "hosts"), n.Get("hosts"))
	case n.Get("role") != nil:
		return l.hostsOfRoles(n.Get("role"))
	case n.Get("roles") != nil:
		return l.hostsOfRoles(n.Get("roles").Items...)
	case n.Get("tag") != nil:
		return l.hostsOfTags(under(path, "tag"), n.Get("tag"))
	case n.Get("tags") != nil:
		return l.hostsOfTags(under(path, "tags"), n.Get("tags").Items...)
	}
	return nil
}

func (l *loader) listedHosts(path string, n Value) []string {
	var out []string
	for i, item := range n.Items {
		if item.Kind == psych.Map {
			l.remark(item.Pos, under(path, i), "an accessory's host can't carry tags; Kamal can't use this entry", "write the host alone")
		}
		out = append(out, entryText(item))
	}
	return out
}

func (l *loader) hostsOfRoles(names ...Value) []string {
	var out []string
	for _, n := range names {
		if r := l.cfg.role(n.Text()); r != nil {
			out = append(out, r.HostNames()...)
		}
	}
	return out
}

// hostsOfTags looks only at roles written as plain lists, in file order.
func (l *loader) hostsOfTags(path string, tags ...Value) []string {
	servers := l.root.Get("servers")
	if servers == nil || servers.Kind != psych.Map {
		if !l.broken("servers") && len(tags) > 0 {
			l.own(tags[0].Pos, path, "tags select hosts only when servers is a map of roles", "write servers as web: [hosts]")
		}
		return nil
	}
	var out []string
	for _, tag := range tags {
		for _, role := range servers.Pairs {
			for _, item := range role.Value.Items {
				if item.Kind == psych.Map && len(item.Pairs) == 1 && l.carries(path, item.Pairs[0], tag) {
					out = append(out, item.Pairs[0].Key.KeyText())
				}
			}
		}
	}
	if !l.broken("servers") {
		l.warnNoHosts(path, out, tags)
	}
	return out
}

// carries: a host with one tag carries every tag that is part of that text; a
// list must hold the tag itself.
func (l *loader) carries(path string, host psych.Pair, tag Value) bool {
	v := host.Value
	if v.Kind == psych.List {
		for _, t := range v.Items {
			if t.Kind == tag.Kind && t.Text() == tag.Text() {
				l.used[tag.Text()] = true
				return true
			}
		}
		return false
	}
	if v.Kind != psych.String || tag.Kind != psych.String {
		l.own(tag.Pos, path, fmt.Sprintf("tag %s can't be compared with %s of host %s", tag.Text(), v.Text(), host.Key.KeyText()), "quote both")
		return false
	}
	if !strings.Contains(v.Str, tag.Str) {
		return false
	}
	l.selected(v.Str)
	if v.Str != tag.Str {
		l.remark(v.Pos, path, fmt.Sprintf("tag %s also selects host %s, whose only tag is %s", tag.Str, host.Key.KeyText(), v.Str), "write that host's tag as a list")
	}
	return true
}

func (l *loader) warnNoHosts(path string, hosts []string, tags []Value) {
	if len(hosts) == 0 && len(tags) > 0 {
		l.remark(tags[0].Pos, path, "no host carries the tag; hosts under a role's hosts key are not seen", "")
	}
}
