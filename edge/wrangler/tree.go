package wrangler

import (
	"cmp"
	"path/filepath"
	"slices"
)

// node is a value of a file with its line.
type node struct {
	// value is a string, bool, int64, float64, nil, []node or map[string]node.
	value any
	line  int
}

// tree parses a file by its name's ending.
func tree(name string, text []byte) (node, *problem) {
	if filepath.Ext(name) == ".toml" {
		return tomlTree(text)
	}
	return jsonTree(text)
}

// problem is text that is no TOML or JSON.
type problem struct {
	line int
	text string
}

func (n node) table() map[string]node { t, _ := n.value.(map[string]node); return t }
func (n node) list() []node           { l, _ := n.value.([]node); return l }
func (n node) text() string           { s, _ := n.value.(string); return s }

// keys are a table's keys in the order of the file.
func (n node) keys() []string {
	t := n.table()
	var all []string
	for k := range t {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(t[a].line, t[b].line), cmp.Compare(a, b))
	})
	return all
}

// plain is the value without lines, as encoding/json takes it.
func (n node) plain() any {
	switch v := n.value.(type) {
	case []node:
		out := []any{}
		for _, e := range v {
			out = append(out, e.plain())
		}
		return out
	case map[string]node:
		out := map[string]any{}
		for k, e := range v {
			out[k] = e.plain()
		}
		return out
	}
	return n.value
}
