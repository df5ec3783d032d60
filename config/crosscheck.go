package config

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// crossChecks are the rules over several sections, in Kamal's order. Those that
// need a section that is wrong in itself are left out.
func (l *loader) crossChecks() {
	l.destinationGiven()
	l.requiredKeys()
	l.serversGiven()
	l.minimumVersion()
	if l.cfg.RetainContainers < 1 {
		l.say(l.root.Get("retain_containers").Pos, "", "Must retain at least 1 container")
	}
	l.serviceName()
	l.traefikHooks()
	if !l.broken("servers") && !l.broken("proxy") {
		l.mergedProxies()
		l.sharedTLSNames()
		l.proxyRuns()
	}
	l.localRegistryBuilder()
	l.hooksOutputWords()
}

func (l *loader) destinationGiven() {
	if p := l.root.Pair("require_destination"); p != nil && p.Value.Truthy() && l.cfg.Destination == "" {
		l.fail(Issue{Kind: ArgumentError, Pos: p.Key.Pos, Message: "You must specify a destination", Hint: "give one with -d"})
	}
}

func (l *loader) requiredKeys() {
	l.required("service", l.root.Get("service").Blank())
	l.required("registry", l.root.Get("registry").Blank())
	image := l.root.Get("image")
	if image.Blank() && l.cfg.Registry.Local {
		l.cfg.Image = l.cfg.Service // a local registry needs no name of its own
		return
	}
	l.required("image", image.Blank())
}

func (l *loader) required(key string, missing bool) {
	if missing && !l.broken(key) {
		l.say(l.at(key), "", "Missing required configuration for "+key)
	}
}

// at is where a root key stands, or the start of the file.
func (l *loader) at(key string) Pos {
	if p := l.root.Pair(key); p != nil {
		return p.Key.Pos
	}
	return l.root.Pos
}

func (l *loader) serversGiven() {
	c := l.cfg
	if l.root.Get("servers") == nil {
		l.is(!l.root.Get("accessories").Blank(), "", l.root.Pos, "No servers or accessories specified")
		return
	}
	if l.broken("servers") {
		return
	}
	primary := c.role(c.PrimaryRole)
	switch {
	case primary == nil:
		at := l.at("primary_role")
		if l.root.Get("primary_role") == nil {
			at = l.at("servers")
		}
		l.sayHint(at, "", fmt.Sprintf("The primary_role %s isn't defined", c.PrimaryRole), l.roleHint())
		return
	case len(primary.Hosts) == 0:
		l.say(primary.Pos, "", fmt.Sprintf("No servers specified for the %s primary_role", primary.Name))
		return
	case c.AllowEmptyRoles:
		return
	}
	for _, r := range c.Roles {
		if len(r.Hosts) == 0 {
			l.say(r.Pos, "", fmt.Sprintf("No servers specified for the %s role. You can ignore this with allow_empty_roles: true", r.Name))
		}
	}
}

func (l *loader) minimumVersion() {
	n := l.root.Get("minimum_version")
	if !n.Truthy() || l.broken("minimum_version") {
		return
	}
	own := l.read.opts.Version
	if own == "" {
		own = CompatVersion
	}
	want, ok := parseVersion(n.Text())
	if !ok {
		l.fail(Issue{Kind: ArgumentError, Pos: n.Pos, Message: "Malformed version number string " + n.Text()})
		return
	}
	if have, _ := parseVersion(own); want.compare(have) > 0 {
		l.say(n.Pos, "", fmt.Sprintf("Current version is %s, minimum required is %s", own, n.Text()))
	}
}

var serviceName = regexp.MustCompile(`(?mi)^[a-z0-9_-]+$`)

func (l *loader) serviceName() {
	n := l.root.Get("service")
	if n.Blank() || l.broken("service") {
		return
	}
	text := n.Kind == psych.String || n.Kind == psych.Symbol
	l.is(text && serviceName.MatchString(n.Str), "", n.Pos, "Service name can only include alphanumeric characters, hyphens, and underscores")
}

// traefikHooks: hooks of Kamal 1 that would silently never run.
func (l *loader) traefikHooks() {
	dir := l.read.path(l.cfg.HooksPath)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // no hooks
	}
	var found []string
	for _, name := range []string{"pre-traefik-reboot", "post-traefik-reboot"} {
		for _, e := range entries {
			if e.Name() == name {
				found = append(found, name)
			}
		}
	}
	if len(found) > 0 {
		at := Pos{File: l.read.name(filepath.Join(dir, found[0]))}
		l.fail(Issue{Pos: at, Message: fmt.Sprintf("Found %s, these should be renamed to (pre|post)-proxy-reboot", strings.Join(found, ", "))})
	}
}

// localRegistryBuilder: a registry on this machine reaches a remote builder only
// through ssh.
func (l *loader) localRegistryBuilder() {
	b := l.cfg.Builder
	if !l.cfg.Registry.Local || b.Remote == "" || l.broken("builder") {
		return
	}
	at := l.root.Lookup("builder", "remote").Pos
	u, err := url.Parse(b.Remote)
	if err == nil && u.Scheme == "ssh" || !l.buildsRemotely() {
		return
	}
	l.say(at, "", "Local registry with remote builder requires an SSH URL (e.g., ssh://user@host)")
}

// buildsRemotely asks for this machine's architecture unless nothing is built here.
func (l *loader) buildsRemotely() bool {
	b := l.cfg.Builder
	if !b.Local {
		return len(b.Arches) > 0
	}
	here, err := l.arch()
	if err != nil {
		here = "" // no Docker here: everything is built remotely
	}
	return slices.ContainsFunc(b.Arches, func(a string) bool { return a != here })
}

func (l *loader) hooksOutputWords() {
	n := l.root.Get("hooks_output")
	if n == nil || l.broken("hooks_output") {
		return
	}
	if n.Kind == psych.String || n.Kind == psych.Symbol {
		l.hookWord(n, "")
	}
	for _, p := range entries(n) {
		if p.Value.Kind != psych.String && p.Value.Kind != psych.Symbol {
			l.own(place(p), under("hooks_output", p.Key.KeyText()), p.Value.Text()+" is not a word", "write quiet or verbose")
			continue
		}
		l.hookWord(p.Value, fmt.Sprintf(" for hook '%s'", p.Key.KeyText()))
	}
}

func (l *loader) hookWord(n Value, hook string) {
	l.is(n.Str == "quiet" || n.Str == "verbose", "", n.Pos, fmt.Sprintf("Invalid hooks_output '%s'%s, must be one of: quiet, verbose", n.Str, hook))
}
