package kamal

import "strings"

// Value is a configuration value as far as command lines tell values apart.
type Value struct {
	Kind Kind
	Text string  // of a TextValue
	List []Value // of a ListValue
}

// Kind is the kind of a Value.
type Kind int

// The kinds: blank (null, empty, only white space), false and true have forms of
// their own.
const (
	BlankValue Kind = iota
	FalseValue
	TrueValue
	TextValue
	ListValue
)

// Text makes a text value; blank text is a blank value.
func Text(s string) Value {
	if strings.TrimSpace(s) == "" {
		return Value{Kind: BlankValue, Text: s}
	}
	return Value{Kind: TextValue, Text: s}
}

// Pair is one entry of an ordered map.
type Pair struct {
	Key   string
	Value Value
}

// Argumentize gives the words `flag key="value"` per pair: a blank value leaves
// the key alone, false is not quoted.
func Argumentize(flag string, pairs []Pair) []string {
	var out []string
	for _, p := range pairs {
		out = append(out, flag, argument(p))
	}
	return out
}

func argument(p Pair) string {
	switch p.Value.Kind {
	case BlankValue:
		return p.Key
	case FalseValue:
		return p.Key + "=false"
	case TrueValue:
		return p.Key + `="true"`
	case ListValue:
		var texts []string
		for _, v := range p.Value.List {
			texts = append(texts, Quote(v.Text))
		}
		return p.Key + "=" + strings.Join(texts, " ")
	}
	return p.Key + "=" + Quote(p.Value.Text)
}

// Optionize gives `--key "value"` per pair, with sep "=" as one word: true is a
// bare flag, a list repeats it. A blank value leaves an empty word behind, as
// with Kamal.
func Optionize(pairs []Pair, sep string) []string {
	var out []string
	for _, p := range pairs {
		values := []Value{p.Value}
		if p.Value.Kind == ListValue {
			values = p.Value.List
		}
		for _, v := range values {
			out = append(out, option("--"+p.Key, v, sep)...)
		}
	}
	return out
}

func option(flag string, v Value, sep string) []string {
	text := ""
	switch v.Kind {
	case TrueValue:
		return []string{flag}
	case FalseValue:
		text = `"false"`
	default:
		text = Quote(v.Text)
	}
	if sep == "=" {
		return []string{flag + "=" + text}
	}
	return []string{flag, text}
}

// repeat gives `flag item` per item, unquoted.
func repeat(flag string, items []string) []string {
	var out []string
	for _, i := range items {
		out = append(out, flag, i)
	}
	return out
}

// line joins words as Kamal does; empty words vanish with the host's shell.
func line(words ...[]string) string {
	var all []string
	for _, w := range words {
		all = append(all, w...)
	}
	return strings.Join(all, " ")
}
