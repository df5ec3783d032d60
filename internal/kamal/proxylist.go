package kamal

import (
	"regexp"
	"strings"
)

// ProxyListLine asks the proxy what it serves.
func ProxyListLine() string { return "docker exec kamal-proxy kamal-proxy list" }

// ProxyService is one line of the proxy's list.
type ProxyService struct{ Service, Host, Path, Target, State, TLS string }

// colour is what the list puts around its words on a terminal.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// ParseProxyList reads the table that `kamal-proxy list` prints. Host and Path hold
// comma-separated values; a service for every host has "*". A service without a
// target in use is not listed.
func ParseProxyList(text string) []ProxyService {
	var out []ProxyService
	for line := range strings.Lines(colour.ReplaceAllString(text, "")) {
		words := strings.Fields(line)
		if len(words) < 6 || words[0] == "Service" {
			continue
		}
		n := len(words)
		out = append(out, ProxyService{
			Service: words[0], Host: words[1], Path: words[2],
			Target: words[n-3], State: words[n-2], TLS: words[n-1],
		})
	}
	return out
}

// FindService gives the target of a service; "" when it has none.
func FindService(list []ProxyService, service string) string {
	for _, s := range list {
		if s.Service == service {
			return s.Target
		}
	}
	return ""
}
