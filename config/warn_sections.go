package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// selected notes a tag by which an accessory was placed.
func (l *loader) selected(tag string) { l.used[tag] = true }

func (l *loader) warnProxy(path string, n Value) {
	if host := n.Get("host"); host.IsString() {
		l.warnHostNames(under(path, "host"), host)
	}
	for i, item := range items(n.Get("hosts")) {
		if item.Kind == psych.Map {
			l.remark(item.Pos, under(under(path, "hosts"), i), "a host name can't carry tags", "write the name alone")
		}
	}
	if both := n.Pair("path_prefix"); both != nil && n.Get("path_prefixes") != nil {
		l.remark(both.Key.Pos, under(path, "path_prefix"), "is ignored, since path_prefixes is given", "remove one")
	}
	l.warnSSL(under(path, "ssl"), mapOf(n.Get("ssl")))
	l.warnBindIPs(under(path, "run/bind_ips"), n.Lookup("run", "bind_ips"))
	l.warnOptions(under(path, "run"), pairsOf(mapOf(n.Lookup("run", "options"))))
}

// warnHostNames: blanks around names in a comma list stay part of the name.
func (l *loader) warnHostNames(path string, host Value) {
	if host.Kind != psych.String {
		l.remark(host.Pos, path, "is not text; Kamal stops at it", "quote it")
		return
	}
	for _, name := range splitList(host.Str, ",") {
		if name != strings.TrimSpace(name) {
			l.remark(host.Pos, path, fmt.Sprintf("the blank is part of the host name %q", name), "write the names without blanks, or use hosts")
		}
	}
}

func (l *loader) warnSSL(path string, ssl Value) {
	if ssl == nil {
		return
	}
	keys := []string{"certificate_pem", "private_key_pem"}
	for _, p := range ssl.Pairs {
		if !slices.Contains(keys, p.Key.KeyText()) {
			l.remark(p.Key.Pos, under(path, p.Key.KeyText()), "unknown key, which is ignored", hintFor(path, p.Key.KeyText(), keys, true))
		}
	}
	if ssl.Get(keys[0]).Blank() && ssl.Get(keys[1]).Blank() {
		l.remark(ssl.Pos, path, "a map without certificates asks for automatic ones", "write ssl: true")
	}
}

func (l *loader) warnBindIPs(path string, ips Value) {
	for i, ip := range items(ips) {
		text := strings.Trim(ip.Text(), "[]")
		if _, err := netip.ParseAddr(text); err != nil {
			l.remark(ip.Pos, under(path, i), fmt.Sprintf("%q is no IP address; docker will refuse to start the proxy", ip.Text()), "")
		}
	}
}

func (l *loader) warnAccessory(path string, n Value, a *Accessory) {
	l.warnName(a.Pos, path, "accessory", a.Name)
	if n.Get("image").Blank() {
		l.remark(a.Pos, path, "no image is given; it can't be booted", "")
	}
	for i, v := range a.Volumes {
		l.warnShell(v, under(under(path, "volumes"), i), plainVolume)
	}
	l.warnShell(a.Cmd, under(path, "cmd"), wrapCommand)
	l.warnOptions(path, a.Options)
	l.warnEnv(under(path, "env"), a.Env)
	l.warnTemplateEnv(path, a)
	if a.Proxy.CertificatePEM != "" {
		l.remark(n.Lookup("proxy", "ssl").Pos, under(path, "proxy/ssl"), "certificates of an accessory are not copied to its host, so the proxy will not find them", "")
	}
	seen := map[string]bool{}
	for _, h := range a.Hosts {
		if seen[h] {
			l.remark(a.Pos, path, fmt.Sprintf("host %s is selected twice", h), "")
		}
		seen[h] = true
	}
}

// warnTemplateEnv: a rendered file sees the clear variables as its environment,
// which Kamal fills with nothing but strings.
func (l *loader) warnTemplateEnv(path string, a *Accessory) {
	for _, m := range a.Files {
		if !strings.HasSuffix(m.Local, "erb") {
			continue
		}
		for _, p := range a.Env.Clear {
			if p.Value.Kind != psych.String {
				l.remark(p.Value.Pos, under(path, "env/"+p.Key), "is not text; Kamal stops at it when it renders "+m.Local, "quote it")
			}
		}
		return
	}
}

func (l *loader) warnBuilder(n Value) {
	b := l.cfg.Builder
	at := n.Get("driver")
	if b.Driver == "docker" && at != nil {
		if b.Cache != nil {
			l.remark(at.Pos, "builder/driver", "the docker driver can't write a cache", "remove cache, or the driver")
		}
		if len(b.Arches) > 1 {
			l.remark(at.Pos, "builder/driver", "the docker driver builds for one architecture", "")
		}
		if b.Remote != "" && l.root.Get(extensionKey) == nil {
			l.remark(at.Pos, "builder/driver", "Kamal ignores the docker driver when a remote is set", "remove one")
		}
	}
	for _, arch := range archValues(n.Get("arch")) {
		if !slices.Contains(knownArches(), arch.Text()) && !arch.Blank() {
			l.remark(arch.Pos, "builder/arch", fmt.Sprintf("%q is no architecture that images usually have", arch.Text()), "known: "+strings.Join(knownArches(), ", "))
		}
	}
	for i, s := range b.Secrets {
		if strings.Contains(s.Value, ":") {
			l.remark(s.Pos, under("builder/secrets", i), "build secrets know no VARIABLE:SECRET; the whole text is the name", "")
		}
	}
}

func archValues(n Value) []Value {
	if n == nil || n.Kind == psych.List {
		return items(n)
	}
	return []Value{n}
}

func knownArches() []string {
	return []string{"amd64", "arm64", "arm64/v8", "arm", "arm/v5", "arm/v6", "arm/v7", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le"}
}

func (l *loader) warnSSH(n Value) {
	if p := n.Pair("proxy_command"); p != nil && n.Get("proxy").Truthy() {
		l.remark(p.Key.Pos, "ssh/proxy_command", "is ignored, since proxy is given", "remove one")
	}
	for i, k := range items(n.Get("key_data")) {
		if strings.Contains(k.Text(), " ") {
			l.remark(k.Pos, under("ssh/key_data", i), "a private key stands in the file", "put it into a secret and name that")
		}
	}
}

func (l *loader) warnBoot(limit Value) {
	switch {
	case limit == nil || !limit.IsString():
	case limit.Kind == psych.Int && limit.Int > 0:
	case strings.HasSuffix(limit.Text(), "%"):
	default:
		l.remark(limit.Pos, "boot/limit", fmt.Sprintf("%s is neither a number above 0 nor a percentage; Kamal stops at it at boot", limit.Raw), "write a number without quotes, or a percentage")
	}
}

// warnEnvs looks at all env sections but those of accessories.
func (l *loader) warnEnvs() {
	l.warnEnv("env", l.cfg.Env)
	for _, p := range entries(l.root.Lookup("env", "tags")) {
		l.warnEnv("env/tags/"+p.Key.KeyText(), envOf(p.Value))
	}
	for _, r := range l.cfg.Roles {
		l.warnEnv("servers/"+r.Name+"/env", r.Env)
	}
}

func (l *loader) warnEnv(path string, e Env) {
	secret := map[string]bool{}
	for i, s := range e.Secret {
		secret[cutSecret(s).Name] = true
		if name, source, ok := strings.Cut(s.Value, ":"); name == "" || ok && source == "" {
			l.remark(s.Pos, under(under(path, "secret"), i), fmt.Sprintf("%q names no variable or no secret", s.Value), "write NAME or VARIABLE:SECRET")
		}
	}
	for _, p := range e.Clear {
		here := under(path, p.Key)
		text := p.Value.Text()
		switch {
		case secret[p.Key]:
			l.remark(p.Pos, here, "is both clear and secret; the clear value wins", "keep one")
		case p.Value.Kind == psych.String && p.Value.Blank():
			l.remark(p.Pos, here, "a blank value sets no empty variable: docker takes it from the host, or leaves it unset", "")
		case strings.ContainsAny(text, "\n\t"):
			l.remark(p.Pos, here, "line breaks and tabs reach the container as backslash and letter", "write it in another form")
		case strings.Contains(text, "#{") || strings.Contains(text, "#$") || strings.Contains(text, "#@"):
			l.remark(p.Pos, here, "# before {, $ or @ reaches the container with a backslash in front", "make it a secret")
		}
	}
}
