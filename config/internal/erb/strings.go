package erb

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// white are the characters that Ruby's strip removes.
const white = " \t\n\v\f\r"

func (r *runner) stringOperator(op, a string, other any) (any, bool, error) {
	if times, ok := other.(int64); ok && op == "*" && times >= 0 {
		if times > maxOutput || len(a)*int(times) > maxOutput {
			return nil, false, r.room(maxOutput + 1)
		}
		return strings.Repeat(a, int(times)), true, r.room(len(a) * int(times))
	}
	b, ok := other.(string)
	if !ok {
		return nil, false, nil
	}
	if op == "+" {
		return a + b, true, r.room(len(a) + len(b))
	}
	v, ok := compare(op, a, b)
	return v, ok, nil
}

// stringMethod gives the result of a method of a string; false when there is none.
func (r *runner) stringMethod(n *call, s string, args []any) (any, bool, error) {
	if err := r.step(1 + len(s)/64); err != nil {
		return nil, false, err
	}
	texts, ok := allStrings(args)
	switch {
	case len(args) == 0:
		return r.plainMethod(n, s)
	case n.name == "split" || n.name == "lines":
		if ok && len(args) == 1 && n.name == "split" {
			return r.split(s, texts[0])
		}
		return nil, false, nil
	case !ok:
		return nil, false, nil
	}
	v, ok, size := textMethod(n.name, s, texts)
	if !ok {
		return nil, false, nil
	}
	return v, true, r.room(size)
}

// plainMethod are the methods without arguments.
func (r *runner) plainMethod(n *call, s string) (any, bool, error) {
	switch n.name {
	case "to_i":
		i, ok := toI(s)
		if !ok {
			return nil, false, r.limitAt(n, "integer out of range")
		}
		return i, true, nil
	case "to_str":
		return s, true, nil
	case "to_sym", "intern":
		return symbol(s), true, nil
	case "empty?":
		return s == "", true, nil
	case "length", "size":
		return int64(utf8.RuneCountInString(s)), true, nil
	case "bytesize":
		return int64(len(s)), true, nil
	case "split":
		return r.words(strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(white+"\x00", c) }))
	case "lines":
		return r.words(splitLines(s))
	}
	v, ok := changed(n.name, s)
	if !ok {
		return nil, false, nil
	}
	return v, true, r.room(len(v))
}

func splitLines(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// changed are the methods that give a string.
func changed(name, s string) (string, bool) {
	switch name {
	case "strip":
		return strings.TrimLeft(strings.TrimRight(s, white+"\x00"), white+"\x00"), true
	case "lstrip":
		return strings.TrimLeft(s, white+"\x00"), true
	case "rstrip":
		return strings.TrimRight(s, white+"\x00"), true
	case "chomp":
		return chomp(s), true
	case "chop":
		if strings.HasSuffix(s, "\r\n") {
			return s[:len(s)-2], true
		}
		_, size := utf8.DecodeLastRuneInString(s)
		return s[:len(s)-size], true
	case "reverse":
		r := []rune(s)
		slices.Reverse(r)
		return string(r), true
	case "squish":
		return strings.Join(strings.Fields(s), " "), true
	case "upcase":
		return strings.ToUpper(s), true
	case "downcase":
		return strings.ToLower(s), true
	case "capitalize":
		first, size := utf8.DecodeRuneInString(s)
		if size == 0 {
			return "", true
		}
		return string(unicode.ToUpper(first)) + strings.ToLower(s[size:]), true
	}
	return "", false
}

func chomp(s string) string {
	if t, ok := strings.CutSuffix(s, "\n"); ok {
		return strings.TrimSuffix(t, "\r")
	}
	return strings.TrimSuffix(s, "\r")
}

// textMethod are the methods that take strings; size is that of the result.
func textMethod(name, s string, args []string) (v any, ok bool, size int) {
	switch name {
	case "start_with?", "end_with?":
		for _, a := range args {
			if name[0] == 's' && strings.HasPrefix(s, a) || name[0] == 'e' && strings.HasSuffix(s, a) {
				return true, true, 0
			}
		}
		return false, true, 0
	case "sub", "gsub":
		if len(args) != 2 || strings.Contains(args[1], "\\") {
			return nil, false, 0
		}
		return replace(s, args[0], args[1], name == "gsub")
	}
	if len(args) != 1 {
		return nil, false, 0
	}
	switch name {
	case "include?":
		return strings.Contains(s, args[0]), true, 0
	case "chomp":
		return strings.TrimSuffix(s, args[0]), args[0] != "" && args[0] != "\n", len(s)
	case "delete_prefix":
		return strings.TrimPrefix(s, args[0]), true, len(s)
	case "delete_suffix":
		return strings.TrimSuffix(s, args[0]), true, len(s)
	}
	return nil, false, 0
}

// replace reports a size too large instead of making such a string.
func replace(s, from, to string, all bool) (any, bool, int) {
	times := 1
	if all {
		times = strings.Count(s, from)
	}
	if size := len(s) + times*len(to); size > maxOutput {
		return "", true, size
	}
	if !all {
		return strings.Replace(s, from, to, 1), true, len(s) + len(to)
	}
	return strings.ReplaceAll(s, from, to), true, len(s) + times*len(to)
}

// split is String#split with a text: empty fields at the end are left out.
func (r *runner) split(s, by string) (any, bool, error) {
	if by == " " {
		return r.words(strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(white+"\x00", c) }))
	}
	if s == "" {
		return []any{}, true, nil
	}
	parts := strings.Split(s, by)
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return r.words(parts)
}

func (r *runner) words(list []string) (any, bool, error) {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out, true, r.step(len(list))
}

func allStrings(args []any) ([]string, bool) {
	out := make([]string, len(args))
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

func symbolMethod(name string, s symbol, args []any) (any, bool) {
	switch {
	case len(args) > 0:
		return nil, false
	case name == "to_sym":
		return s, true
	case name == "length" || name == "size":
		return int64(utf8.RuneCountInString(string(s))), true
	}
	return nil, false
}
