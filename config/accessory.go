package config

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// accessories checks and builds the accessories, in file order.
func (l *loader) accessories() {
	for _, p := range entries(l.root.Get("accessories")) {
		path := under("accessories", p.Key.KeyText())
		if p.Key.Kind != psych.String {
			l.own(p.Key.Pos, path, "the name of an accessory must be text", "quote it")
			continue
		}
		if !l.checkAccessory(path, p) {
			continue
		}
		a := l.accessory(path, p)
		l.cfg.Accessories = append(l.cfg.Accessories, a)
		l.warnAccessory(path, p.Value, a)
	}
}

func (l *loader) checkAccessory(path string, p psych.Pair) bool {
	n := p.Value
	if !l.fields(path, place(p), n, accessorySpec()) {
		return false
	}
	l.checkPlacement(path, p)
	l.checkLabels(path, n)
	l.checkRestart(path, n)
	l.checkAccessoryRoles(path, n)
	l.checkEnv(under(path, "env"), mapOf(n.Get("env")), false)
	if v := n.Get("proxy"); v.Truthy() && v.Kind == psych.Bool {
		l.say(v.Pos, under(path, "proxy"), "should be a hash")
	} else if !v.Blank() {
		l.checkProxy(under(path, "proxy"), mapOf(v))
	}
	return true
}

func (l *loader) accessory(path string, p psych.Pair) *Accessory {
	n := p.Value
	a := &Accessory{
		Name: p.Key.Str, Pos: p.Key.Pos,
		Service: textOr(n.Get("service"), l.cfg.Service+"-"+p.Key.Str),
		Hosts:   l.placement(path, n),
		Cmd:     textAt(n.Get("cmd")),
		Port:    portOf(n.Get("port")),
		Labels:  pairsOf(mapOf(n.Get("labels"))),
		Env:     envOf(n.Get("env")),
		Files:   l.mounts(under(path, "files"), n.Get("files"), fileKey),
		Volumes: textList(n.Get("volumes")),
		Network: textOr(n.Get("network"), "kamal"),
	}
	a.Directories = l.mounts(under(path, "directories"), n.Get("directories"), directoryKey)
	a.Options, a.Restart = optionsOf(n)
	if proxy := mapOf(n.Get("proxy")); !proxy.Blank() {
		a.Proxied, a.Proxy = true, l.proxyOf(proxy)
	}
	l.accessoryImage(path, n, a)
	return a
}

// accessoryImage puts the server of the accessory's own registry in front; the
// root's registry does not count.
func (l *loader) accessoryImage(path string, n Value, a *Accessory) {
	var parts []string
	if !mapOf(n.Get("registry")).Blank() {
		r := l.registry(under(path, "registry"), n)
		a.Registry = &r
		if r.ServerSet {
			parts = append(parts, r.Server)
		}
	}
	if image := n.Get("image"); image != nil {
		parts = append(parts, image.Text())
	}
	a.Image = strings.Join(parts, "/")
}

// portOf gives what --publish wants: a pair as it is, a single port twice.
func portOf(n Value) string {
	if n == nil {
		return ""
	}
	port := n.Text()
	if strings.Contains(port, ":") {
		return port
	}
	return port + ":" + port
}
