package wrangler

import (
	"errors"
	"strconv"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// tomlTree decodes TOML and puts lines to it: the decoder knows none.
func tomlTree(text []byte) (node, *problem) {
	var m map[string]any
	if err := toml.Unmarshal(text, &m); err != nil {
		return node{}, tomlProblem(err)
	}
	return withLines(m, "", lines(text)), nil
}

func tomlProblem(err error) *problem {
	p := &problem{text: err.Error()}
	var d *toml.DecodeError
	if errors.As(err, &d) {
		p.line, _ = d.Position()
	}
	return p
}

func withLines(v any, path string, lines map[string]int) node {
	n := node{value: v, line: lines[path]}
	switch x := v.(type) {
	case map[string]any:
		t := map[string]node{}
		for k, e := range x {
			t[k] = withLines(e, path+"\x00"+k, lines)
			n.line = earlier(n.line, t[k].line)
		}
		n.value = t
	case []any:
		l := []node{}
		for i, e := range x {
			l = append(l, withLines(e, path+"\x00"+strconv.Itoa(i), lines))
			n.line = earlier(n.line, l[i].line)
		}
		n.value = l
	}
	return n
}

// earlier keeps a line that is known already: a table that only its keys name
// stands where the first of them does.
func earlier(line, child int) int {
	if line == 0 || child != 0 && child < line {
		return child
	}
	return line
}

// lines maps the path of each key to its line; a path's parts, indices of arrays
// among them, each follow a NUL.
func lines(text []byte) map[string]int {
	x := &index{lines: map[string]int{}, size: map[string]int{}}
	x.p.Reset(text)
	at := ""
	for x.p.NextExpression() {
		switch e := x.p.Expression(); e.Kind {
		case unstable.Table:
			at = x.key("", e.Key())
		case unstable.ArrayTable:
			at = x.element(e.Key())
		case unstable.KeyValue:
			x.pair(at, e)
		}
	}
	return x.lines
}

type index struct {
	p     unstable.Parser
	lines map[string]int
	size  map[string]int // of arrays of tables so far, by path
}

// key is the path of a key below another path. A part that names an array of
// tables means the array's last element.
func (x *index) key(at string, parts unstable.Iterator) string {
	for parts.Next() {
		at = x.part(x.enter(at), parts.Node())
	}
	return x.enter(at)
}

func (x *index) part(at string, n *unstable.Node) string {
	at += "\x00" + string(n.Data)
	if x.lines[at] == 0 {
		x.lines[at] = x.p.Shape(n.Raw).Start.Line
	}
	return at
}

func (x *index) enter(at string) string {
	if n := x.size[at]; n > 0 {
		return at + "\x00" + strconv.Itoa(n-1)
	}
	return at
}

// element is the path of a new element of an array of tables.
func (x *index) element(parts unstable.Iterator) string {
	at, line := "", 0
	for parts.Next() {
		at = x.part(x.enter(at), parts.Node())
		line = x.p.Shape(parts.Node().Raw).Start.Line
	}
	x.size[at]++
	at = x.enter(at)
	x.lines[at] = line
	return at
}

func (x *index) pair(at string, n *unstable.Node) {
	x.value(x.key(at, n.Key()), n.Value())
}

func (x *index) value(at string, n *unstable.Node) {
	switch n.Kind {
	case unstable.InlineTable:
		for c := n.Children(); c.Next(); {
			x.pair(at, c.Node())
		}
	case unstable.Array:
		i := 0
		for c := n.Children(); c.Next(); i++ {
			e := at + "\x00" + strconv.Itoa(i)
			x.lines[e] = x.p.Shape(c.Node().Raw).Start.Line
			x.value(e, c.Node())
		}
	}
}
