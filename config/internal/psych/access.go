package psych

import "strings"

// IsString tells that a check for a string accepts the value: strings, numbers,
// booleans and symbols; no null, date, time, list or map.
func (n *Node) IsString() bool {
	if n == nil {
		return false
	}
	switch n.Kind {
	case String, Symbol, Int, Float, Bool:
		return true
	case Null, Time, Date, List, Map:
	}
	return false
}

// Blank tells that the value is missing, null, false, an empty list or map, or
// text without anything but white space.
func (n *Node) Blank() bool {
	if n == nil {
		return true
	}
	switch n.Kind {
	case Null:
		return true
	case Bool:
		return !n.Bool
	case String:
		return strings.TrimSpace(n.Str) == ""
	case Symbol:
		return n.Str == ""
	case List:
		return len(n.Items) == 0
	case Map:
		return len(n.Pairs) == 0
	case Int, Float, Time, Date:
	}
	return false
}

// IsNull tells that the node is missing or null.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// Truthy is Ruby's test of a condition: all but missing, null and false.
func (n *Node) Truthy() bool { return !n.IsNull() && (n.Kind != Bool || n.Bool) }

// KeyText is the text of a key for messages and output, as Ruby's to_s.
func (n *Node) KeyText() string { return n.Text() }

// Pair gives the entry whose key is the string or symbol with that text, or nil.
// A key that resolved to a boolean or a number has no such text.
func (n *Node) Pair(key string) *Pair {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := range n.Pairs {
		k := n.Pairs[i].Key
		if (k.Kind == String || k.Kind == Symbol) && k.Str == key {
			return &n.Pairs[i]
		}
	}
	return nil
}

// Get gives the value of Pair(key), or nil.
func (n *Node) Get(key string) *Node {
	if p := n.Pair(key); p != nil {
		return p.Value
	}
	return nil
}

// Lookup follows keys through nested maps; nil when one is missing.
func (n *Node) Lookup(keys ...string) *Node {
	for _, k := range keys {
		n = n.Get(k)
	}
	return n
}

// ident tells keys apart as Ruby's hash does: 1, 1.0, "1" and :"1" differ.
func (n *Node) ident() string {
	return string(rune('a'+int(n.Kind))) + n.identText()
}

func (n *Node) identText() string {
	var b strings.Builder
	switch n.Kind {
	case List:
		for _, item := range n.Items {
			b.WriteString(item.ident() + "\x00")
		}
	case Map:
		for _, p := range n.Pairs {
			b.WriteString(p.Key.ident() + "\x00" + p.Value.ident() + "\x00")
		}
	case Null, Bool, Int, Float, String, Symbol, Time, Date:
		return n.Text()
	}
	return b.String()
}
