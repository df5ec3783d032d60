package config

import (
	"strings"
)

// hintFor answers an unknown key: what became of it since Kamal 1, the nearest
// allowed key and, with all, every key that is allowed there.
func hintFor(path, name string, allowed []string, all bool) string {
	var parts []string
	if moved := movedKey(under(path, name)); moved != "" {
		return moved
	}
	if near := nearest(name, allowed); near != "" {
		parts = append(parts, "did you mean "+near+"?")
	}
	if all {
		parts = append(parts, "allowed here: "+strings.Join(allowed, ", "))
	}
	return strings.Join(parts, " ")
}

// movedKey says where a key of Kamal 1 went.
func movedKey(path string) string {
	switch {
	case path == "traefik":
		return "a key of Kamal 1; the proxy is configured by proxy and proxy/run"
	case path == "healthcheck":
		return "a key of Kamal 1; it is proxy/healthcheck now, without port, max_attempts and cmd"
	case path == "stop_wait_time":
		return "a key of Kamal 1; it is drain_timeout and stop_timeout now"
	case path == "builder/multiarch":
		return "a key of Kamal 1; it is builder/arch now, a list for several"
	case strings.HasPrefix(path, "servers/") && strings.HasSuffix(path, "/traefik"):
		return "a key of Kamal 1; it is proxy: true or false now"
	}
	return ""
}

// nearest gives the allowed key that is nearest to name, if one is near.
func nearest(name string, allowed []string) string {
	best, limit := "", max(1, len(name)/3)
	for _, a := range allowed {
		if d := distance(strings.ToLower(name), a); d <= limit {
			best, limit = a, d-1
		}
	}
	return best
}

// distance is Levenshtein's: how many characters must be put in, taken out or
// replaced.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		prev := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := prev
			if r != s {
				cost = 1 + min(prev, row[j], row[j+1])
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
