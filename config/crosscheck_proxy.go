package config

import (
	"fmt"
	"slices"
	"strings"
)

// mergedProxies checks each proxied role's settings once they are merged, and
// that certificates are not asked for by two servers.
func (l *loader) mergedProxies() {
	for _, r := range l.cfg.Roles {
		if !r.Proxied {
			continue
		}
		if merged := l.mergedProxy(l.roleProxyMap(r)); merged != nil {
			l.proxyRules("proxy", merged)
		}
		if r.Proxy.SSL && len(r.Hosts) > 1 && r.Proxy.CertificatePEM == "" {
			l.say(l.tlsPos(r), "", fmt.Sprintf("SSL is only supported on a single server unless you provide custom certificates, found %d servers for role %s", len(r.Hosts), r.Name))
		}
	}
}

func (l *loader) roleProxyMap(r *Role) Value {
	return mapOf(l.get("servers").Get(r.Name).Get("proxy"))
}

func (l *loader) tlsPos(r *Role) Pos {
	if p := l.mergedProxy(l.roleProxyMap(r)).Pair("ssl"); p != nil {
		return p.Key.Pos
	}
	return r.Pos
}

// sharedTLSNames: two roles with TLS may not serve the same name, even on
// different servers.
func (l *loader) sharedTLSNames() {
	count := map[string]int{}
	var names []string
	at := l.root.Pos
	for _, r := range l.cfg.Roles {
		if !r.Proxied || !r.Proxy.SSL {
			continue
		}
		for _, name := range r.Proxy.Hosts {
			if count[name]++; count[name] == 2 {
				at = l.tlsPos(r)
			}
			names = append(names, name)
		}
	}
	var shared []string
	for _, name := range unique(names) {
		if count[name] > 1 {
			shared = append(shared, name)
		}
	}
	l.is(len(shared) == 0, "", at, "Different roles can't share the same host for SSL: "+strings.Join(shared, ", "))
}

// proxyRuns: all that share a host must start the proxy in the same way.
func (l *loader) proxyRuns() {
	if l.broken("accessories") {
		return
	}
	for _, host := range l.cfg.AllHosts() {
		runs := l.cfg.proxyRuns(host)
		for _, run := range runs {
			if run.identity != runs[0].identity {
				l.say(run.Pos, "", "Conflicting proxy run configurations for host "+host)
				break
			}
		}
	}
}

// proxyRuns gives the run settings of all that stand behind the proxy on a host:
// roles in order, then accessories.
func (c *Config) proxyRuns(host string) []*ProxyRun {
	var runs []*ProxyRun
	for _, r := range c.Roles {
		if r.Proxied && r.Proxy.Run != nil && r.HasHost(host) {
			runs = append(runs, r.Proxy.Run)
		}
	}
	for _, a := range c.Accessories {
		if a.Proxied && a.Proxy.Run != nil && slices.Contains(a.Hosts, host) {
			runs = append(runs, a.Proxy.Run)
		}
	}
	return runs
}
