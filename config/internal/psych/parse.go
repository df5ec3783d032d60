package psych

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

const (
	maxDepth = 500     // nesting, aliases followed
	maxNodes = 200_000 // nodes, aliases expanded
)

// Parse resolves the first document of text. mapPos turns a place in text (from
// 1) into the place to report; nil reports the place in text. A text without a
// document, or with an empty one, gives nil. Errors are *SyntaxError.
func Parse(text []byte, mapPos func(line, col int) Pos) (*Node, error) {
	if mapPos == nil {
		mapPos = func(line, col int) Pos { return Pos{Line: line, Col: col} }
	}
	doc, err := readTree(text, mapPos)
	if err != nil || doc == nil || len(doc.Content) == 0 {
		return nil, err
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Value == "" && plainStyle(root) {
		return nil, nil
	}
	r := &resolver{mapPos: mapPos, text: string(text), done: map[*yaml.Node]sized{}, open: map[*yaml.Node]bool{}}
	n, _, err := r.node(root, 0)
	return n, err
}

// sized is a resolved node and how many nodes it stands for.
type sized struct {
	node *Node
	size int
}

type resolver struct {
	mapPos func(line, col int) Pos
	done   map[*yaml.Node]sized // anchored nodes already resolved
	open   map[*yaml.Node]bool  // anchored nodes being resolved
	total  int
	text   string
	starts []int // offsets of the lines of text, made when needed
	line   int   // the line of cols
	cols   []int // offsets of the characters of a line, see at
	flow   int   // how many flow collections are open
}

func (r *resolver) fail(y *yaml.Node, format string, args ...any) error {
	return &SyntaxError{Pos: r.mapPos(y.Line, y.Column), Msg: fmt.Sprintf(format, args...)}
}

// node resolves y and counts the nodes it stands for.
func (r *resolver) node(y *yaml.Node, depth int) (*Node, int, error) {
	if depth > maxDepth {
		return nil, 0, r.fail(y, "nested more than %d levels deep", maxDepth)
	}
	if y.Kind == yaml.AliasNode {
		return r.alias(y)
	}
	if y.Anchor == "" {
		return r.fresh(y, depth)
	}
	r.open[y] = true
	n, size, err := r.fresh(y, depth)
	delete(r.open, y)
	r.done[y] = sized{n, size}
	return n, size, err
}

func (r *resolver) alias(y *yaml.Node) (*Node, int, error) {
	if r.open[y.Alias] {
		return nil, 0, r.fail(y, "alias *%s refers to the value that contains it", y.Value)
	}
	got, ok := r.done[y.Alias]
	if !ok {
		return nil, 0, r.fail(y, "unknown anchor %q", y.Value)
	}
	return got.node, got.size, r.count(y, got.size)
}

// count adds nodes to the whole and refuses a document that grows too large.
func (r *resolver) count(y *yaml.Node, size int) error {
	if r.total += size; r.total > maxNodes {
		return r.fail(y, "more than %d values once aliases are expanded", maxNodes)
	}
	return nil
}

func (r *resolver) fresh(y *yaml.Node, depth int) (*Node, int, error) {
	if err := r.count(y, 1); err != nil {
		return nil, 0, err
	}
	if err := r.checkTag(y); err != nil {
		return nil, 0, err
	}
	if y.Style&yaml.FlowStyle != 0 {
		r.flow++
		defer func() { r.flow-- }()
	}
	switch y.Kind {
	case yaml.SequenceNode:
		return r.list(y, depth)
	case yaml.MappingNode:
		return r.mapping(y, depth)
	case yaml.ScalarNode, yaml.DocumentNode, yaml.AliasNode:
	}
	n, err := r.scalar(y)
	return n, 1, err
}

func (r *resolver) list(y *yaml.Node, depth int) (*Node, int, error) {
	out := &Node{Kind: List, Pos: r.mapPos(y.Line, y.Column), Items: make([]*Node, 0, len(y.Content))}
	total := 1
	for _, c := range y.Content {
		item, size, err := r.node(c, depth+1)
		if err != nil {
			return nil, 0, err
		}
		out.Items = append(out.Items, item)
		total += size
	}
	return out, total, nil
}
