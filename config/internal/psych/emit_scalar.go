package psych

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// scalar writes a scalar that is not null; continued lines start at indent.
func (e *emitter) scalar(n *Node, indent int, key bool) {
	text, want := n.Text(), stylePlain
	switch n.Kind {
	case String:
		want = stringStyle(text)
	case Symbol:
		if text = ":" + text; text == ":" {
			text = `:""` // Psych writes a tag that is never read here
		}
	case Float:
		text = emitFloat(text)
	case Null, Bool, Int, Time, Date, List, Map:
	}
	indent = max(indent, 2)
	got := allowed(text, want, key)
	switch {
	case n.Kind == String && text == "<<":
		e.text("!!str ")
	case n.Kind != String && got != stylePlain:
		e.text("! ") // without it the quotes would make a string
	}
	switch got {
	case styleSingle:
		e.single(text, indent, key)
	case styleDouble:
		e.double(text, indent, key)
	case styleLiteral:
		e.literal(text, indent)
	case stylePlain:
		e.plain(text, indent, key)
	}
}

func emitFloat(text string) string {
	switch text {
	case "Infinity":
		return ".inf"
	case "-Infinity":
		return "-.inf"
	case "NaN":
		return ".nan"
	}
	return text
}

// allowed steps from the wanted style to one that can hold the text.
func allowed(text string, want style, key bool) style {
	sh := shapeOf(text)
	if want == styleLiteral && (key || !sh.literal) {
		return styleDouble
	}
	if want == stylePlain && (!sh.plain || key && strings.ContainsAny(text, lineBreaks)) {
		want = styleSingle
	}
	if want == styleSingle && (!sh.single || key && strings.ContainsAny(text, lineBreaks)) {
		return styleDouble
	}
	return want
}

// breakHere tells that the blank at i becomes a line break: past the width, alone
// and inside the text.
func (e *emitter) breakHere(r []rune, i int, key bool) bool {
	return r[i] == ' ' && !key && e.col > emitWidth && i > 0 && i < len(r)-1 &&
		r[i-1] != ' ' && r[i+1] != ' '
}

func (e *emitter) plain(s string, indent int, key bool) {
	r := []rune(s)
	for i, c := range r {
		if e.breakHere(r, i, key) {
			e.newline(indent)
			continue
		}
		e.text(string(c))
	}
}

func (e *emitter) single(s string, indent int, key bool) {
	e.text("'")
	r := []rune(s)
	breaks := false
	for i, c := range r {
		if c == '\n' {
			if !breaks {
				e.text("\n")
			}
			e.text("\n")
			breaks = true
			continue
		}
		if breaks {
			e.text(strings.Repeat(" ", indent))
			breaks = false
		}
		switch {
		case e.breakHere(r, i, key):
			e.newline(indent)
		case c == '\'':
			e.text("''")
		default:
			e.text(string(c))
		}
	}
	if breaks {
		e.text(strings.Repeat(" ", indent))
	}
	e.text("'")
}

func (e *emitter) double(s string, indent int, key bool) {
	e.text(`"`)
	r := []rune(s)
	for i, c := range r {
		first := i > 0 && r[i-1] != ' '
		if c == ' ' && !key && e.col > emitWidth && first && i < len(r)-1 {
			e.newline(indent)
			if r[i+1] == ' ' {
				e.text(`\`)
			}
			continue
		}
		e.text(escape(c))
	}
	e.text(`"`)
}

func escape(c rune) string {
	if at := strings.IndexRune("\x00\a\b\t\n\v\f\r\x1b\"\\\u0085\u00a0\u2028\u2029", c); at >= 0 {
		index := utf8.RuneCountInString("\x00\a\b\t\n\v\f\r\x1b\"\\\u0085\u00a0\u2028\u2029"[:at])
		if c == '\u00a0' {
			return string(c)
		}
		return `\` + string(`0abtnvfre"\N_LP`[index])
	}
	switch {
	case printable(c):
		return string(c)
	case c <= 0xff:
		return fmt.Sprintf(`\x%02X`, c)
	case c <= 0xffff:
		return fmt.Sprintf(`\u%04X`, c)
	}
	return fmt.Sprintf(`\U%08X`, c)
}

func (e *emitter) literal(s string, indent int) {
	e.text("|")
	if s[0] == ' ' || s[0] == '\n' {
		e.text("2")
	}
	body, end := strings.TrimSuffix(s, "\n"), "-"
	if body != s {
		end = ""
		if strings.HasSuffix(body, "\n") {
			end = "+"
		}
	}
	e.text(end)
	for _, line := range strings.Split(body, "\n") {
		if line == "" {
			e.b.WriteByte('\n')
			continue
		}
		e.newline(indent)
		e.text(line)
	}
	e.open = end == "+"
}
