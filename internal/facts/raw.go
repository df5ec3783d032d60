package facts

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

func rawKeys(_ context.Context, o Options) []string { return keys(o.Config.Raw) }

func keys(root config.Value) []string {
	var out []string
	if root == nil {
		return nil
	}
	for _, p := range root.Pairs {
		out = append(out, p.Key.KeyText())
	}
	return out
}

func raw(_ context.Context, o Options, path string) (string, error) {
	return rawAt(o.Config.Raw, path), nil
}

// rawAt follows a path with slashes through maps and lists; null when it leads
// nowhere.
func rawAt(n config.Value, path string) string {
	for step := range strings.SplitSeq(path, "/") {
		n = child(n, step)
	}
	return n.JSON()
}

func child(n config.Value, step string) config.Value {
	if n == nil {
		return nil
	}
	for _, p := range n.Pairs {
		if p.Key.KeyText() == step {
			return p.Value
		}
	}
	for i, item := range n.Items {
		if fmt.Sprint(i) == step {
			return item
		}
	}
	return nil
}

// Unloaded gives what can be said of a configuration that does not load: why, and
// the merged tree (null when there is none).
func Unloaded(err error, root config.Value) []Fact {
	return append([]Fact{loadFact(err)}, rawFacts(root)...)
}

// rawFacts gives the facts of a merged tree that does not load.
func rawFacts(root config.Value) []Fact {
	var out []Fact
	for _, key := range keys(root) {
		f := Fact{Name: "raw", Subject: key, Value: rawAt(root, key)}
		f.Hidden, f.Secret = hideLiterals(root, f.Value)
		out = append(out, f)
	}
	return out
}

// hideLiterals masks passwords and keys that are written in the file itself.
func hideLiterals(root config.Value, value string) (hidden string, secret bool) {
	for _, l := range literals(root, false) {
		if text := quoted(l); strings.Contains(value, text) {
			value, secret = strings.ReplaceAll(value, text, quoted(Mask)), true
		}
	}
	return value, secret
}

// literals are the texts below the keys password and key_data.
func literals(n config.Value, inside bool) (out []string) {
	switch {
	case n == nil:
		return nil
	case n.Kind == config.KindString && inside:
		return []string{n.Str}
	}
	for _, p := range n.Pairs {
		key := p.Key.KeyText()
		out = append(out, literals(p.Value, key == "password" || key == "key_data")...)
	}
	for _, item := range n.Items {
		out = append(out, literals(item, inside && len(item.Str) > longestName)...)
	}
	return out
}

// longestName: a longer text in a list is a key itself, no name of a secret.
const longestName = 64
