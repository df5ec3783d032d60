package psych

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParse: no panic, bounded time, and what was read can be written and read
// again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"service: shop\nservers: [192.0.2.10]\nenv:\n  clear: {A: 1, NO: yes}\n  secret:\n  - X\n",
		"x: &x {a: 1, <<: {b: 2}}\ny:\n  <<: [*x, *x]\n  a: 3\n",
		"a: 12:30\nb: 0755\nc: 1.0e-5\nd: 2024-05-01\ne: 2024-05-01 10:00:00 +02:00\nf: :s\ng: .inf\nh: -.nan\n",
		"a: |\n  x\n  y\nb: >-\n  z\n\n  w\nc: \"q\\/\\u00e9\\'\"\nd: 'it''s'\n",
		"a: {p: /up?x=1, q: what?}\n? [k]\n: v\n", "--- !ruby/object:X\na: !!str 1\n", "%YAML 1.1\n---\na: *b\n...\n", "\ufeffa: [*a, &a 1]\n",
		"a: &a [*a]\n", "- - - -\n", "a: \"\\x00\\e\"\n", "\t", "a:\n\tb", "a: !!binary /w==\n", "<<: {a: 1}\n'<<': {b: 1}\n!!str <<: 1\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		start := time.Now()
		n, err := Parse(text, nil)
		if d := time.Since(start); d > 20*time.Second {
			t.Fatalf("took %v", d)
		}
		if err != nil || n == nil {
			return
		}
		checkReadable(t, n)
	})
}

func checkReadable(t *testing.T, n *Node) {
	t.Helper()
	text := n.JSON()
	if !utf8.ValidString(text) || strings.Contains(text, "�") {
		return // from !!binary; written as text it is lossy
	}
	if !strings.Contains(text, "NaN") && !strings.Contains(text, "Infinity") && !json.Valid([]byte(text)) {
		t.Fatalf("no JSON: %s", text)
	}
	if same := Merge(n, n).JSON(); same != text && n.Kind == Map {
		t.Fatalf("merged with itself: %s, not %s", same, text)
	}
	if hasQuotedSymbol(n) {
		return // Psych loses the quotes as well
	}
	out := Emit(n)
	back, err := Parse(out, nil)
	if err != nil {
		t.Fatalf("%s written as %q: %v", text, out, err)
	}
	if got := back.JSON(); got != text {
		t.Fatalf("%s written as %q reads as %s", text, out, got)
	}
}

// hasQuotedSymbol looks for a symbol whose text begins with a quote.
func hasQuotedSymbol(n *Node) bool {
	if n.Kind == Symbol && strings.ContainsAny(n.Str[:min(1, len(n.Str))], `"'`) {
		return true
	}
	for _, p := range n.Pairs {
		if hasQuotedSymbol(p.Key) || hasQuotedSymbol(p.Value) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, hasQuotedSymbol)
}
