package psych

// NewString, NewSymbol, NewInt and NewBool make scalars without a position.
func NewString(s string) *Node { return &Node{Kind: String, Str: s, Raw: s} }

// NewSymbol takes the text without its colon.
func NewSymbol(s string) *Node { return &Node{Kind: Symbol, Str: s, Raw: ":" + s, Plain: true} }

// NewInt makes an integer.
func NewInt(i int64) *Node { return &Node{Kind: Int, Int: i, Plain: true} }

// NewBool makes a boolean.
func NewBool(b bool) *Node { return &Node{Kind: Bool, Bool: b, Plain: true} }

// NewList makes a list of the items.
func NewList(items ...*Node) *Node { return &Node{Kind: List, Items: items} }

// NewStrings makes a list of strings.
func NewStrings(items []string) *Node {
	n := NewList()
	for _, s := range items {
		n.Items = append(n.Items, NewString(s))
	}
	return n
}

// NewMap makes a map of the pairs, which must have different keys.
func NewMap(pairs ...Pair) *Node { return &Node{Kind: Map, Pairs: pairs} }
