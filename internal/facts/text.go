package facts

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// words joins an argument list.
func words(list []string) string {
	if len(list) == 0 {
		return "(none)"
	}
	return strings.Join(list, " ")
}

// quoted is a text as JSON, without escapes for HTML.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(text)
}

// nullable is a text as JSON, null for the empty one.
func nullable(s string) string {
	if s == "" {
		return "null"
	}
	return quoted(s)
}

// list is a list of texts as JSON.
func list(items []string) string {
	parts := make([]string, len(items))
	for i, s := range items {
		parts[i] = quoted(s)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// rows is a list of lists that are JSON already.
func rows(items [][]string) string {
	parts := make([]string, len(items))
	for i, r := range items {
		parts[i] = "[" + strings.Join(r, ",") + "]"
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// number is "nil" when there is none.
func number(n *int) string {
	if n == nil {
		return "nil"
	}
	return strconv.Itoa(*n)
}

func texts(all []config.Text) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.Value
	}
	return out
}
