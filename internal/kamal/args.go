package kamal

import "strings"

// Value is a configuration value as far as command lines tell values apart.
type Value struct {
	Kind  Kind
	Text  string  // of a text, a number, a blank text
	List  []Value // of a ListValue
	Pairs []Pair  // of a MapValue
}

// Kind is the kind of a Value.
type Kind int

// The kinds: blank (null, empty, only white space), false and true have forms of
// their own.
const (
	BlankValue Kind = iota // text without anything but white space
	FalseValue
	TrueValue
	TextValue
	ListValue
	NumberValue
	NullValue
	MapValue
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

// blank is Ruby's blank?, but for false.
func (v Value) blank() bool {
	switch v.Kind {
	case BlankValue, NullValue:
		return true
	case ListValue:
		return len(v.List) == 0
	case MapValue:
		return len(v.Pairs) == 0
	case FalseValue, TrueValue, TextValue, NumberValue:
	}
	return false
}

// String is the value as Ruby's to_s gives it.
func (v Value) String() string {
	switch v.Kind {
	case FalseValue:
		return "false"
	case TrueValue:
		return "true"
	case ListValue, MapValue:
		return v.inspect()
	case BlankValue, TextValue, NumberValue:
		return v.Text
	case NullValue:
	}
	return ""
}

// inspect is Ruby's text of a value inside a list or a map.
func (v Value) inspect() string {
	var parts []string
	switch v.Kind {
	case NullValue:
		return "nil"
	case BlankValue, TextValue:
		return inspectText(v.Text)
	case ListValue:
		for _, item := range v.List {
			parts = append(parts, item.inspect())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case MapValue:
		for _, p := range v.Pairs {
			parts = append(parts, inspectText(p.Key)+" => "+p.Value.inspect())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case FalseValue, TrueValue, NumberValue:
	}
	return v.String()
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
	switch {
	case p.Value.Kind == FalseValue:
		return p.Key + "=false"
	case p.Value.blank():
		return p.Key
	}
	return p.Key + "=" + Quote(p.Value.String())
}

// Optionize gives `--key "value"` per pair, with sep "=" as one word: true is a
// bare flag, a list repeats it. A blank value leaves an empty word behind, as
// with Kamal.
func Optionize(pairs []Pair, sep string) []string {
	var out []string
	for _, p := range pairs {
		for _, v := range each(p.Value) {
			out = append(out, option("--"+p.Key, v, sep)...)
		}
	}
	return out
}

// each gives what an option is repeated for; a map's entries are lists of two.
func each(v Value) []Value {
	switch v.Kind {
	case ListValue:
		return v.List
	case MapValue:
		var out []Value
		for _, p := range v.Pairs {
			out = append(out, Value{Kind: ListValue, List: []Value{{Kind: TextValue, Text: p.Key}, p.Value}})
		}
		return out
	case BlankValue, FalseValue, TrueValue, TextValue, NumberValue, NullValue:
	}
	return []Value{v}
}

func option(flag string, v Value, sep string) []string {
	switch {
	case v.Kind == TrueValue:
		return []string{flag}
	case sep == "=":
		return []string{flag + "=" + Quote(v.String())}
	}
	return []string{flag, Quote(v.String())}
}

// Repeat gives `flag item` per item, unquoted.
func Repeat(flag string, items []string) []string {
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
