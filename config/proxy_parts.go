package config

import (
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

func healthOf(n Value) Health {
	return Health{
		Interval: intOf(n.Get("interval")),
		Timeout:  intOf(n.Get("timeout")),
		Path:     n.Get("path").Text(),
		PathSet:  n.Get("path") != nil,
	}
}

func bufferingOf(n Value) Buffering {
	return Buffering{
		Requests:    boolOrTrue(n.Get("requests")),
		Responses:   boolOrTrue(n.Get("responses")),
		Memory:      intOf(n.Get("memory")),
		MaxRequest:  intOf(n.Get("max_request_body")),
		MaxResponse: intOf(n.Get("max_response_body")),
	}
}

// runOf builds proxy/run; a blank one counts as none.
func runOf(n Value) *ProxyRun {
	if n.Blank() {
		return nil
	}
	r := &ProxyRun{
		Publish:     boolOrTrue(n.Get("publish")),
		HTTPPort:    intOr(n.Get("http_port"), 80),
		HTTPSPort:   intOr(n.Get("https_port"), 443),
		BindIPs:     words(n.Get("bind_ips")),
		LogMaxSize:  "10m",
		MetricsPort: intOf(n.Get("metrics_port")),
		Debug:       n.Get("debug").Truthy(),
		Registry:    n.Get("registry").Text(),
		Repository:  "basecamp/kamal-proxy",
		Version:     "v0.9.2",
		Options:     pairsOf(mapOf(n.Get("options"))),
		Pos:         n.Pos,
		identity:    canonical(n),
	}
	if v := n.Get("log_max_size"); v != nil {
		r.LogMaxSize = ""
		if !v.Blank() {
			r.LogMaxSize = v.Text()
		}
	}
	if v := n.Get("repository"); v != nil {
		r.Repository = v.Text()
	}
	if v := n.Get("version"); v != nil {
		r.Version = v.Text()
	}
	return r
}

// canonical is a text that is the same for values that Ruby holds equal: the
// order of map keys does not count.
func canonical(n Value) string {
	switch {
	case n == nil:
		return "nil"
	case n.Kind == psych.List:
		s := "["
		for _, item := range n.Items {
			s += canonical(item) + ","
		}
		return s + "]"
	case n.Kind == psych.Map:
		return canonicalMap(n)
	}
	return string(rune('a'+int(n.Kind))) + psych.NewString(n.Text()).JSON()
}

func canonicalMap(n Value) string {
	lines := make([]string, len(n.Pairs))
	for i, p := range n.Pairs {
		lines[i] = canonical(p.Key) + ":" + canonical(p.Value)
	}
	sort.Strings(lines)
	return "{" + strings.Join(lines, ",") + "}"
}
