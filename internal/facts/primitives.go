package facts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// primitives are the encodings; their subject is JSON.
func primitives() []string {
	return []string{"esc", "argumentize", "optionize", "optionize=", "envline", "shellescape"}
}

// primitive gives an encoding of its argument; ok is false when name is none.
func primitive(name, argument string) (f Fact, ok bool) {
	encode, ok := map[string]func(kamal.Value) string{
		"esc":         func(v kamal.Value) string { return kamal.Quote(v.String()) },
		"argumentize": argumentize,
		"optionize":   func(v kamal.Value) string { return words(kamal.Optionize(v.Pairs, " ")) },
		"optionize=":  func(v kamal.Value) string { return words(kamal.Optionize(v.Pairs, "=")) },
		"envline": func(v kamal.Value) string {
			return quoted(string(kamal.EnvFile([]kamal.EnvVar{{Name: "K", Value: v.String()}})))
		},
		"shellescape": func(v kamal.Value) string { return quoted(kamal.ShellEscape(v.String())) },
	}[name]
	if !ok {
		return Fact{}, false
	}
	f = Fact{Name: name, Subject: argument}
	value, err := decode([]byte(argument))
	if err != nil {
		f.Err = fmt.Errorf("the argument of %s is JSON: %w", name, err)
		return f, true
	}
	f.Value = encode(value)
	return f, true
}

func argumentize(v kamal.Value) string {
	if v.Kind != kamal.ListValue {
		return words(kamal.Argumentize("--x", v.Pairs))
	}
	var items []string
	for _, i := range v.List {
		items = append(items, i.String())
	}
	return words(kamal.Repeat("--x", items))
}

// decode reads JSON with the order of keys kept.
func decode(text []byte) (kamal.Value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return decodeNext(d)
}

func decodeNext(d *json.Decoder) (kamal.Value, error) {
	t, err := d.Token()
	if err != nil {
		return kamal.Value{}, err
	}
	switch t := t.(type) {
	case string:
		return kamal.Text(t), nil
	case json.Number:
		return kamal.Value{Kind: kamal.NumberValue, Text: t.String()}, nil
	case bool:
		if t {
			return kamal.Value{Kind: kamal.TrueValue}, nil
		}
		return kamal.Value{Kind: kamal.FalseValue}, nil
	case json.Delim:
		return decodeInside(d, t)
	}
	return kamal.Value{Kind: kamal.NullValue}, nil
}

func decodeInside(d *json.Decoder, open json.Delim) (kamal.Value, error) {
	out := kamal.Value{Kind: kamal.ListValue}
	if open == '{' {
		out.Kind = kamal.MapValue
	}
	for d.More() {
		v, err := decodeNext(d)
		if err != nil {
			return out, err
		}
		if open == '[' {
			out.List = append(out.List, v)
			continue
		}
		value, err := decodeNext(d)
		if err != nil {
			return out, err
		}
		out.Pairs = append(out.Pairs, kamal.Pair{Key: v.String(), Value: value})
	}
	_, err := d.Token()
	return out, err
}

// cutKey takes `name[subject]` apart; the subject may hold brackets.
func cutKey(key string) (name, subject string, found bool) {
	name, subject, found = strings.Cut(key, "[")
	return name, strings.TrimSuffix(subject, "]"), found
}
