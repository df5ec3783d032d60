package config

import "github.com/warmlyyours/hwdeploy/config/internal/psych"

// rootProxy checks and builds the root's proxy.
func (l *loader) rootProxy() {
	p := l.root.Pair("proxy")
	if p == nil {
		return
	}
	if l.is(p.Value.Kind == psych.Map, "proxy", place(*p), "should be a hash") {
		l.checkProxy("proxy", p.Value)
	}
	l.cfg.Proxy = l.proxyOf(mapOf(p.Value))
}

func (l *loader) checkProxy(path string, n Value) {
	if n == nil {
		return
	}
	l.fields(path, n.Pos, n, proxySpec())
	l.proxyRules(path, n)
	l.warnProxy(path, n)
}

// proxyRules are the rules over several keys; they run on a role's own map and
// again, as "proxy", once it is merged over the root's.
func (l *loader) proxyRules(path string, n Value) {
	host, hosts, ssl := n.Pair("host"), n.Pair("hosts"), n.Pair("ssl")
	if ssl != nil && ssl.Value.Truthy() && n.Get("host").Blank() && n.Get("hosts").Blank() {
		l.say(ssl.Key.Pos, path, "Must set a host to enable automatic SSL")
	}
	if host != nil && hosts != nil {
		l.say(hosts.Key.Pos, path, "Specify one of 'host' or 'hosts', not both")
	}
	if ssl != nil && ssl.Value.Kind == psych.Map {
		l.certificateRules(path, ssl.Value)
	}
	if run := n.Pair("run"); run != nil && run.Value.Kind == psych.Map {
		l.runRules(path, run.Value)
	}
}

func (l *loader) certificateRules(path string, ssl Value) {
	cert, key := ssl.Get("certificate_pem"), ssl.Get("private_key_pem")
	switch {
	case !cert.Blank() && key.Blank():
		l.say(cert.Pos, path, "Missing private_key_pem setting (required when certificate_pem is present)")
	case !key.Blank() && cert.Blank():
		l.say(key.Pos, path, "Missing certificate_pem setting (required when private_key_pem is present)")
	}
}

func (l *loader) runRules(path string, run Value) {
	publish := run.Get("publish")
	if publish == nil || publish.Kind != psych.Bool || publish.Bool {
		return
	}
	for _, key := range []string{"bind_ips", "http_port", "https_port"} {
		if p := run.Pair(key); p != nil && !p.Value.Blank() {
			l.say(p.Key.Pos, path, "Cannot set http_port, https_port or bind_ips when publish is false")
			return
		}
	}
}

// proxyOf builds a proxy section; nil gives the defaults.
func (l *loader) proxyOf(n Value) Proxy {
	n = mapOf(n)
	p := Proxy{
		AppPort:         intOr(n.Get("app_port"), 80),
		Hosts:           proxyHosts(n),
		SSL:             n.Get("ssl").Truthy(),
		Health:          healthOf(mapOf(n.Get("healthcheck"))),
		ResponseTimeout: intOf(n.Get("response_timeout")),
		Buffering:       bufferingOf(mapOf(n.Get("buffering"))),
		PathPrefixes:    listOrSplit(n.Get("path_prefixes"), n.Get("path_prefix")),
		StripPathPrefix: boolOf(n.Get("strip_path_prefix")),
		ForwardHeaders:  boolOf(n.Get("forward_headers")),
		SSLRedirect:     boolOf(n.Get("ssl_redirect")),
		RequestHeaders:  words(n.Lookup("logging", "request_headers")),
		ResponseHeaders: words(n.Lookup("logging", "response_headers")),
		Run:             runOf(mapOf(n.Get("run"))),
	}
	if p.RequestHeaders == nil {
		p.RequestHeaders = []string{"Cache-Control", "Last-Modified", "User-Agent"}
	}
	ssl := mapOf(n.Get("ssl"))
	if cert, key := ssl.Get("certificate_pem"), ssl.Get("private_key_pem"); !cert.Blank() && !key.Blank() {
		p.CertificatePEM, p.PrivateKeyPEM = cert.Text(), key.Text()
	}
	return p
}

// proxyHosts: host maps pass Kamal's check; their host counts here.
func proxyHosts(n Value) []string {
	return listOrSplit(n.Get("hosts"), n.Get("host"))
}

// listOrSplit takes the list, or else the text cut at commas, blanks kept.
func listOrSplit(list, text Value) []string {
	if list != nil && list.Kind == psych.List {
		out := make([]string, len(list.Items))
		for i, item := range list.Items {
			out[i] = entryText(item)
		}
		return out
	}
	if !text.Truthy() {
		return nil
	}
	return splitList(text.Text(), ",")
}

// entryText is a host entry as text, without its tags.
func entryText(item Value) string {
	if item.Kind == psych.Map && len(item.Pairs) > 0 {
		return item.Pairs[0].Key.KeyText()
	}
	return item.Text()
}
