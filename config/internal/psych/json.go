package psych

import (
	"fmt"
	"strings"
)

// JSON gives the value as compact JSON, keys in order, without escapes for HTML.
// Symbols, dates and times are strings; key text is Ruby's to_s.
func (n *Node) JSON() string {
	var b strings.Builder
	n.writeJSON(&b)
	return b.String()
}

func (n *Node) writeJSON(b *strings.Builder) {
	if n.IsNull() {
		b.WriteString("null")
		return
	}
	switch n.Kind {
	case Bool, Int, Float:
		b.WriteString(n.Text())
	case String, Symbol, Time, Date:
		writeJSONString(b, n.Str)
	case List:
		n.writeJSONList(b)
	case Map:
		n.writeJSONMap(b)
	case Null:
	}
}

func (n *Node) writeJSONList(b *strings.Builder) {
	b.WriteByte('[')
	for i, item := range n.Items {
		if i > 0 {
			b.WriteByte(',')
		}
		item.writeJSON(b)
	}
	b.WriteByte(']')
}

func (n *Node) writeJSONMap(b *strings.Builder) {
	b.WriteByte('{')
	for i, p := range n.Pairs {
		if i > 0 {
			b.WriteByte(',')
		}
		writeJSONString(b, p.Key.KeyText())
		b.WriteByte(':')
		p.Value.writeJSON(b)
	}
	b.WriteByte('}')
}

func writeJSONString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r >= 0x20:
			b.WriteRune(r)
		default:
			b.WriteString(jsonControl(r))
		}
	}
	b.WriteByte('"')
}

func jsonControl(r rune) string {
	switch r {
	case '\b':
		return `\b`
	case '\f':
		return `\f`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf(`\u%04x`, r)
}
