package config

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// textOr gives the text of a value, or other when it is missing, null or false.
func textOr(n Value, other string) string {
	if !n.Truthy() {
		return other
	}
	return n.Text()
}

func textAt(n Value) Text {
	if n == nil {
		return Text{}
	}
	return Text{Value: n.Text(), Pos: n.Pos}
}

func textList(n Value) []Text {
	if n == nil {
		return nil
	}
	var out []Text
	for _, item := range n.Items {
		out = append(out, textAt(item))
	}
	return out
}

// words gives the texts of a list; nil when there is none, not nil when it is
// empty.
func words(n Value) []string {
	if n == nil || n.Kind != psych.List {
		return nil
	}
	out := make([]string, len(n.Items))
	for i, item := range n.Items {
		out[i] = item.Text()
	}
	return out
}

func intOr(n Value, other int) int {
	if p := intOf(n); p != nil {
		return *p
	}
	return other
}

func intOf(n Value) *int {
	if n == nil || n.Kind != psych.Int {
		return nil
	}
	i := int(n.Int)
	return &i
}

func boolOf(n Value) *bool {
	if n == nil || n.Kind != psych.Bool {
		return nil
	}
	b := n.Bool
	return &b
}

func boolOrTrue(n Value) bool {
	p := boolOf(n)
	return p == nil || *p
}

// entries gives the entries of a map; none for anything else.
func entries(n Value) []psych.Pair {
	if n := mapOf(n); n != nil {
		return n.Pairs
	}
	return nil
}

func pairsOf(n Value) []Pair {
	if n == nil {
		return nil
	}
	var out []Pair
	for _, p := range n.Pairs {
		out = append(out, Pair{Key: p.Key.KeyText(), Value: p.Value, Pos: p.Key.Pos})
	}
	return out
}

// splitList cuts at a separator as Ruby's split does: empty ends are dropped.
func splitList(s, sep string) []string {
	parts := strings.Split(s, sep)
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// mergePairs lays over on base: a later value wins, the first place stays.
func mergePairs(lists ...[]Pair) []Pair {
	var out []Pair
	at := map[string]int{}
	for _, list := range lists {
		for _, p := range list {
			if i, ok := at[p.Key]; ok {
				out[i] = p
				continue
			}
			at[p.Key] = len(out)
			out = append(out, p)
		}
	}
	return out
}

// unique keeps the first of equal words.
func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	out := make([]string, 0, len(list))
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
