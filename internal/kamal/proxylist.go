package kamal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// MinimumProxy is the oldest kamal-proxy that Kamal 2.12 accepts.
const MinimumProxy = "v0.9.2"

// ProxyListLine asks the proxy what it serves.
func ProxyListLine() string { return "docker exec kamal-proxy kamal-proxy list" }

// ProxyService is one line of the proxy's list.
type ProxyService struct{ Service, Host, Path, Target, State, TLS string }

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// ParseProxyList reads the table that `kamal-proxy list` prints. The columns
// Host and Path may hold several comma-separated values; a service with many
// takes several lines, of which the first counts.
func ParseProxyList(text string) []ProxyService {
	var out []ProxyService
	for line := range strings.Lines(ansi.ReplaceAllString(text, "")) {
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

// CheckProxyVersion refuses a proxy that is too old, or whose tag tells no
// version. Kamal's words are part of the message.
func CheckProxyVersion(version string) error {
	have, ok := proxyVersion(version)
	if !ok {
		return fmt.Errorf("the kamal-proxy image has the tag %q, which tells no version; `proxy reboot` puts %s in its place", version, MinimumProxy)
	}
	want, _ := proxyVersion(MinimumProxy) // a constant
	for i := range want {
		if have[i] != want[i] {
			if have[i] < want[i] {
				return fmt.Errorf("kamal-proxy version %s is too old, run `kamal proxy reboot` in order to update to at least %s", version, MinimumProxy)
			}
			return nil
		}
	}
	return nil
}

func proxyVersion(text string) ([3]int, bool) {
	var out [3]int
	base, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "-")
	parts := strings.Split(base, ".")
	if len(parts) == 0 || len(parts) > 3 {
		return out, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return out, false
		}
		out[i] = n
	}
	return out, true
}
