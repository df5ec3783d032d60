package psych

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// emitWidth is the column after which a blank in a scalar becomes a line break.
const emitWidth = 80

// maxSimpleKey is the longest key written on the line of its value, in bytes.
const maxSimpleKey = 128

// Emit writes n as Psych's dump does: one document, block style, lists under a
// key not indented. It writes no anchors: a shared value is written each time.
func Emit(n *Node) []byte {
	e := &emitter{}
	e.text("---")
	e.value(n, -2, underRoot)
	e.b.WriteByte('\n')
	if e.open {
		e.b.WriteString("...\n")
	}
	return e.b.Bytes()
}

// under tells what a value stands in, which decides how its first line begins.
type under int

const (
	underRoot under = iota
	underItem       // after "-"
	underKey        // after "key:"
)

type emitter struct {
	b    bytes.Buffer
	col  int
	open bool // the last value keeps its blank lines, and the end must be marked
}

func (e *emitter) text(s string) {
	e.open = false
	e.b.WriteString(s)
	if at := strings.LastIndexByte(s, '\n'); at >= 0 {
		e.col = utf8.RuneCountInString(s[at+1:])
		return
	}
	e.col += utf8.RuneCountInString(s)
}

func (e *emitter) newline(indent int) {
	e.b.WriteByte('\n')
	e.b.WriteString(strings.Repeat(" ", indent))
	e.col = indent
}

// value writes n after the "---", "-" or "key:" just written; indent is that of
// the collection n stands in (-2 at the root).
func (e *emitter) value(n *Node, indent int, in under) {
	switch {
	case n.IsNull():
	case n.Kind == List && len(n.Items) == 0:
		e.text(" []")
	case n.Kind == Map && len(n.Pairs) == 0:
		e.text(" {}")
	case n.Kind == List:
		e.list(n, indent, in)
	case n.Kind == Map:
		e.mapping(n, indent, in)
	default:
		e.text(" ")
		e.scalar(n, indent+2, false)
	}
}

func (e *emitter) list(n *Node, indent int, in under) {
	if in != underKey {
		indent += 2
	}
	for i, item := range n.Items {
		e.begin(indent, in == underItem && i == 0)
		e.text("-")
		e.value(item, indent, underItem)
	}
}

func (e *emitter) mapping(n *Node, indent int, in under) {
	indent += 2
	for i, p := range n.Pairs {
		e.begin(indent, in == underItem && i == 0)
		if e.simpleKey(p.Key) {
			e.key(p.Key, indent)
			e.text(":")
			e.value(p.Value, indent, underKey)
			continue
		}
		e.text("?")
		e.value(p.Key, indent, underItem)
		e.newline(indent)
		e.text(":")
		e.value(p.Value, indent, underItem)
	}
}

// begin starts an entry: on the line of the dash, or on a line of its own.
func (e *emitter) begin(indent int, inline bool) {
	if inline {
		e.text(" ")
		return
	}
	e.newline(indent)
}

func (e *emitter) simpleKey(k *Node) bool {
	switch {
	case k.IsNull():
		return true
	case k.Kind == List || k.Kind == Map:
		return len(k.Items)+len(k.Pairs) == 0
	}
	size := len(k.Str)
	if k.Kind == Symbol {
		size++ // its colon
	}
	return size <= maxSimpleKey && !strings.ContainsAny(k.Str, "\n\u0085\u2028\u2029")
}

func (e *emitter) key(k *Node, indent int) {
	switch {
	case k.IsNull():
		e.text("! ''")
	case k.Kind == List:
		e.text("[]")
	case k.Kind == Map:
		e.text("{}")
	default:
		e.scalar(k, indent, true)
	}
}
