package psych

import "slices"

// Merge lays over on base: maps merge key by key at every depth, anything else
// is replaced, null included. Keys of base keep their place, new ones follow.
// A nil node means an empty file and changes nothing.
func Merge(base, over *Node) *Node {
	switch {
	case over == nil:
		return base
	case base == nil || base.Kind != Map || over.Kind != Map:
		return over
	}
	out := *base
	m := newMapBuilder(len(base.Pairs) + len(over.Pairs))
	for _, p := range base.Pairs {
		m.set(p.Key, p.Value)
	}
	for _, p := range over.Pairs {
		if old := m.get(p.Key); old != nil {
			p.Value = Merge(old, p.Value)
		}
		m.set(p.Key, p.Value)
	}
	out.Pairs = m.pairs
	out.Repeated = slices.Concat(base.Repeated, over.Repeated)
	out.Overlaid = slices.Concat(base.Overlaid, over.Overlaid)
	return &out
}

// Symbolize turns the string keys of a map (not of nested maps) into symbols. A
// string and a symbol of the same text become one key: the later value counts.
func Symbolize(n *Node) *Node {
	if n == nil || n.Kind != Map {
		return n
	}
	out := *n
	m := newMapBuilder(len(n.Pairs))
	for _, p := range n.Pairs {
		key := p.Key
		if key.Kind == String {
			k := *key
			k.Kind = Symbol
			key = &k
		}
		m.set(key, p.Value)
	}
	out.Pairs = m.pairs
	return &out
}

// mapBuilder keeps pairs in the order in which their keys first appeared; a
// later value replaces an earlier one in place.
type mapBuilder struct {
	pairs []Pair
	index map[string]int
}

func newMapBuilder(size int) *mapBuilder {
	return &mapBuilder{index: make(map[string]int, size)}
}

// set reports the key node that it replaced, if any.
func (m *mapBuilder) set(key, value *Node) (old *Node) {
	id := key.ident()
	if i, ok := m.index[id]; ok {
		old = m.pairs[i].Key
		m.pairs[i] = Pair{Key: key, Value: value}
		return old
	}
	m.index[id] = len(m.pairs)
	m.pairs = append(m.pairs, Pair{Key: key, Value: value})
	return nil
}

func (m *mapBuilder) get(key *Node) *Node {
	if i, ok := m.index[key.ident()]; ok {
		return m.pairs[i].Value
	}
	return nil
}
