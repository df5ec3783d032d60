package psych

import "gopkg.in/yaml.v3"

func (r *resolver) mapping(y *yaml.Node, depth int) (*Node, int, error) {
	out := &Node{Kind: Map, Pos: r.mapPos(y.Line, y.Column)}
	m := newMapBuilder(len(y.Content) / 2)
	total := 1
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, ksize, err := r.node(y.Content[i], depth+1)
		if err != nil {
			return nil, 0, err
		}
		value, vsize, err := r.node(y.Content[i+1], depth+1)
		if err != nil {
			return nil, 0, err
		}
		total += ksize + vsize
		if isMergeKey(y.Content[i], key) {
			if from, ok := mergeable(y.Content[i+1], value); ok {
				out.Overlaid = append(out.Overlaid, mergePairs(m, from)...)
				continue
			}
		}
		if old := m.set(key, value); old != nil && old.Pos != key.Pos {
			out.Repeated = append(out.Repeated, old)
		}
	}
	out.Pairs = m.pairs
	return out, total, nil
}

// isMergeKey: quoted or not, as in Psych; only an explicit `!!str` is an
// ordinary key.
func isMergeKey(y *yaml.Node, key *Node) bool {
	return key.Kind == String && key.Str == "<<" && !explicitTag(y, "!!str")
}

// mergeable gives the pairs that a merge key sets where it stands: they replace
// what was set above it. False means that the value can't be merged and `<<` is
// an ordinary key.
func mergeable(y *yaml.Node, value *Node) ([]Pair, bool) {
	switch {
	case value.Kind == Map:
		return value.Pairs, true
	case value.Kind != List || y.Kind == yaml.AliasNode:
		return nil, false
	}
	// The earlier map wins, and so is laid on last; the order of keys follows
	// the laying.
	all := newMapBuilder(0)
	for i := len(value.Items) - 1; i >= 0; i-- {
		if value.Items[i].Kind != Map {
			return nil, false
		}
		mergePairs(all, value.Items[i].Pairs)
	}
	return all.pairs, true
}

// mergePairs gives the keys that it replaced.
func mergePairs(m *mapBuilder, from []Pair) (lost []*Node) {
	for _, p := range from {
		if old := m.set(p.Key, p.Value); old != nil {
			lost = append(lost, old)
		}
	}
	return lost
}
