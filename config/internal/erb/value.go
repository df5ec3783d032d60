package erb

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// symbol is a Ruby symbol without its colon. All values of an expression are nil,
// bool, int64, float64, string, symbol or []any.
type symbol string

func truthy(v any) bool {
	b, isBool := v.(bool)
	return v != nil && (!isBool || b)
}

// toS is Ruby's to_s.
func (r *runner) toS(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case symbol:
		return string(v), nil
	}
	return r.inspect(v)
}

// inspect is Ruby's inspect.
func (r *runner) inspect(v any) (string, error) {
	var b strings.Builder
	err := r.writeInspect(&b, v)
	return b.String(), err
}

func (r *runner) writeInspect(b *strings.Builder, v any) error {
	if err := r.step(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("nil")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		b.WriteString(psych.FloatText(v))
	case string:
		b.WriteString(quote(v))
	case symbol:
		b.WriteByte(':')
		b.WriteString(symbolText(string(v)))
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := r.writeInspect(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	}
	return r.room(b.Len())
}

func symbolText(s string) string {
	for i, c := range s {
		if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
			return quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// quote is Ruby's inspect of a string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, c := range s {
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch {
		case c == '"' || c == '\\' || c == '#' && (next == '{' || next == '$' || next == '@'):
			b.WriteByte('\\')
			b.WriteRune(c)
		case strings.ContainsRune("\a\b\t\n\v\f\r\x1b", c):
			b.WriteByte('\\')
			b.WriteByte("abtnvfre"[strings.IndexRune("\a\b\t\n\v\f\r\x1b", c)])
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c < 0x80:
			fmt.Fprintf(&b, `\x%02X`, c)
		default:
			fmt.Fprintf(&b, `\u%04X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// equal is Ruby's ==.
func (r *runner) equal(a, b any) (bool, error) {
	if err := r.step(1); err != nil {
		return false, err
	}
	if x, y, ok := floats(a, b); ok {
		return x == y, nil
	}
	x, isList := a.([]any)
	y, alsoList := b.([]any)
	if !isList || !alsoList {
		return !isList && !alsoList && a == b, nil
	}
	if len(x) != len(y) {
		return false, nil
	}
	for i := range x {
		if same, err := r.equal(x[i], y[i]); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// floats gives two numbers of which at least one is a float.
func floats(a, b any) (x, y float64, ok bool) {
	x, xf, ok1 := number(a)
	y, yf, ok2 := number(b)
	return x, y, ok1 && ok2 && (xf || yf)
}

func number(v any) (f float64, isFloat, ok bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), false, true
	case float64:
		return v, true, true
	}
	return math.NaN(), false, false
}

// kindName names the class of a value in messages.
func kindName(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case string:
		return "a string"
	case symbol:
		return "a symbol"
	}
	return "a list"
}

// blank is ActiveSupport's blank?.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}
