package vault

import (
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// Extract gives one value of what fetch printed: that of the exact key, unless it
// is null or false, else of the first key that ends in /name. Values that are no
// text are given as JSON.
func Extract(name, json string) (string, error) {
	v, err := extract(name, json)
	if s, ok := v.(string); ok {
		return s, err
	}
	return ordered.Dump(v), err
}

func extract(name, json string) (any, error) {
	v, err := ordered.Parse(json)
	if err != nil {
		return nil, fmt.Errorf("secrets extract %s: the second argument is %w", name, err)
	}
	o, ok := v.(*ordered.Object)
	if !ok {
		return nil, fmt.Errorf("secrets extract %s: the second argument is no JSON object", name)
	}
	if v := o.Get(name); v != nil && v != false {
		return v, nil
	}
	for _, k := range o.Keys() {
		if strings.HasSuffix(k, "/"+name) {
			if v := o.Get(k); v != nil {
				return v, nil
			}
			break
		}
	}
	return nil, fmt.Errorf("Could not find secret %s", name) //nolint:staticcheck // Kamal's words
}

// inlineExtract reads the words after `secrets extract` and gives text only.
func inlineExtract(text string) (string, error) {
	name, rest, err := cutWord(trimBlanks(text))
	if err != nil {
		return "", fmt.Errorf("secrets extract: %w", err)
	}
	if rest == "" || name == "" {
		return "", &UsageError{Text: "secrets extract: needs a name and the JSON that fetch gave"}
	}
	json, err := findObject(rest)
	if err != nil {
		return "", fmt.Errorf("secrets extract %s: the second argument is %w", name, err)
	}
	return extractText(name, json)
}

// findObject gives the reading of a JSON argument that is an object.
func findObject(raw string) (string, error) {
	last := errors.New("no JSON object")
	for _, json := range argument(raw) {
		v, err := ordered.Parse(json)
		if _, ok := v.(*ordered.Object); ok {
			return json, nil
		}
		if err != nil {
			last = err
		}
	}
	return "", last
}

func extractText(name, json string) (string, error) {
	v, err := extract(name, json)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("secrets extract %s: the value is %s, not text", name, kind(v))
	}
	return s, nil
}

func kind(v any) string {
	switch v.(type) {
	case bool:
		return "true or false"
	case *ordered.Object:
		return "an object"
	case []any:
		return "a list"
	}
	return "a number"
}

// argument lists the readings of the JSON argument: as it stands, which is how a
// result of `bin/kamal secrets fetch` looks that was pasted without quotes; as a
// shell reads it, which is the usual one; and an escaped one between quotes.
func argument(raw string) []string {
	raw = strings.TrimSpace(raw)
	all := []string{raw}
	if word, _, err := cutWord(raw); err == nil {
		all = append(all, word, strayBackslashes(word))
	}
	if n := len(raw); n > 1 && raw[0] == raw[n-1] && (raw[0] == '\'' || raw[0] == '"') {
		raw = raw[1 : n-1]
		all = append(all, raw)
	}
	if unescaped, err := words(raw); err == nil && len(unescaped) == 1 {
		all = append(all, unescaped[0])
	}
	return all
}

// strayBackslashes drops those that JSON does not know: between double quotes a
// shell keeps the backslash of `\{`.
func strayBackslashes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if strings.IndexByte(`"\/bfnrtu`, s[i+1]) >= 0 {
				b.WriteByte(s[i])
			}
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
