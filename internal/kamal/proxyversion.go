package kamal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// MinimumProxy is the oldest kamal-proxy that Kamal 2.12 accepts.
const MinimumProxy = "v0.9.2"

// CheckProxyVersion refuses a proxy that is too old, or whose tag tells no
// version. Kamal's words are part of the message.
func CheckProxyVersion(version string) error {
	have, ok := proxyVersion(version)
	if !ok {
		return fmt.Errorf("the kamal-proxy image has the tag %q, which tells no version; `proxy reboot` puts %s in its place", version, MinimumProxy)
	}
	want, _ := proxyVersion(MinimumProxy) // a constant
	for i := range max(len(have), len(want)) {
		switch d := part(have, i) - part(want, i); {
		case d < 0:
			return fmt.Errorf("kamal-proxy version %s is too old, run `kamal proxy reboot` in order to update to at least %s", version, MinimumProxy)
		case d > 0:
			return nil
		}
	}
	return nil
}

// proxyVersion gives the numbers of a version as RubyGems reads it, with -1 for a
// word: that is a pre-release, which is older than the release.
func proxyVersion(text string) ([]int, bool) {
	text = strings.TrimPrefix(text, "v")
	if !regexp.MustCompile(`^[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`).MatchString(text) {
		return nil, false
	}
	var out []int
	for _, p := range regexp.MustCompile(`[0-9]+|[a-zA-Z]+`).FindAllString(strings.ReplaceAll(text, "-", ".pre."), -1) {
		n, err := strconv.Atoi(p)
		if err != nil {
			n = -1
		}
		out = append(out, n)
	}
	return out, true
}

func part(version []int, i int) int {
	if i < len(version) {
		return version[i]
	}
	return 0
}
