package kamal

import "strings"

// Plain gives the value that arrives in a container when the shell and docker
// change nothing of what Argumentize writes; false where they may.
func (p Pair) Plain() (string, bool) {
	if p.Value.Kind == FalseValue {
		return "false", true
	}
	text := p.Value.String()
	odd := strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\\' || r == '#' || r == 0x7f })
	return text, !p.Value.blank() && !odd && !strings.Contains(text, "${")
}

// AutomaticEnv tells whether Kamal sets a container's variable by itself.
func AutomaticEnv(key string) bool {
	switch key {
	case "KAMAL_CONTAINER_NAME", "KAMAL_VERSION", "KAMAL_HOST", "KAMAL_DESTINATION":
		return true
	}
	return false
}
