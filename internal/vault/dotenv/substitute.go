package dotenv

import (
	"strings"
	"unicode/utf8"
)

// part is a stretch of a value: text of the file, or the output of a command.
type part struct {
	text   string
	output bool
}

// commands runs each `$(…)` of v. `\$(…)` loses its backslash and stays.
func (p *parser) commands(e Entry, v string) ([]part, error) {
	if p.o.Command == nil {
		return []part{{text: v}}, nil
	}
	var parts []part
	from := 0 // the beginning of text that is in no part yet
	for i := 0; i < len(v); i++ {
		escaped := strings.HasPrefix(v[i:], `\$(`)
		if !escaped && !strings.HasPrefix(v[i:], "$(") {
			continue
		}
		open := i + 1
		if escaped {
			open++
		}
		end := closing(v, open, p.o.EscapedParens)
		if end < 0 {
			continue
		}
		parts = append(parts, part{text: v[from:i]})
		from = end
		if escaped {
			from = i + 1
		} else {
			out, err := p.run(e, v[open+1:end-1])
			if err != nil {
				return nil, err
			}
			parts = append(parts, part{text: out, output: true})
		}
		i = end - 1
	}
	return append(parts, part{text: v[from:]}), nil
}

func (p *parser) run(e Entry, text string) (string, error) {
	c := Command{Entry: e.Name, Line: e.Line}
	c.Text, c.FromEntries = p.variables(text)
	out, err := p.o.Command(c)
	return chomp(out), err
}

// chomp drops one line break at the end, as Ruby's String#chomp.
func chomp(s string) string {
	if t, ok := strings.CutSuffix(s, "\n"); ok {
		return strings.TrimSuffix(t, "\r")
	}
	return strings.TrimSuffix(s, "\r")
}

// closing gives the place after the parenthesis that closes the one at open, or
// -1. Every pair must have something inside. With escapes a backslash hides the
// character after it, which must not be a line break.
func closing(v string, open int, escapes bool) int {
	var filled []bool // one per open parenthesis
	for i := open; i < len(v); i++ {
		switch c := v[i]; {
		case c == '(':
			filled = append(filled, false)
			continue
		case c == ')':
			top := len(filled) - 1
			if !filled[top] {
				return -1
			}
			if filled = filled[:top]; top == 0 {
				return i + 1
			}
		case c == '\\' && escapes:
			if i+1 == len(v) || v[i+1] == '\n' {
				return -1
			}
			_, n := utf8.DecodeRuneInString(v[i+1:])
			i += n
		}
		filled[len(filled)-1] = true
	}
	return -1
}

// variables replaces `$NAME` and `${NAME}` in v; fromEntries tells whether the
// value of an entry went in. There is no syntax for defaults, and a `}` after an
// unbraced name is swallowed: both are dotenv's ways.
func (p *parser) variables(v string) (result string, fromEntries bool) {
	var b strings.Builder
	for i := 0; i < len(v); {
		dollar := i
		if v[i] == '\\' {
			dollar++
		}
		if dollar >= len(v) || v[dollar] != '$' || strings.HasPrefix(v[dollar+1:], "(") {
			b.WriteByte(v[i])
			i++
			continue
		}
		name, end := variableName(v, dollar+1)
		switch {
		case dollar > i:
			b.WriteString(v[dollar:end])
		case name == "":
			b.WriteString(v[i:end])
		default:
			value, inner := p.variable(name)
			b.WriteString(value)
			fromEntries = fromEntries || inner
		}
		i = end
	}
	return b.String(), fromEntries
}

// variableName takes an optional brace, a name that may be empty, and an
// optional closing brace.
func variableName(v string, i int) (name string, end int) {
	if i < len(v) && v[i] == '{' {
		i++
	}
	start := i
	for i < len(v) && isWord(v[i]) {
		i++
	}
	name = v[start:i]
	if i < len(v) && v[i] == '}' {
		i++
	}
	return name, i
}
