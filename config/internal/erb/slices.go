package erb

import "unicode/utf8"

// slice is String#[] with an index, a start and a length, a range, or a text.
func (r *runner) slice(n *call, s string) (any, error) {
	if err := r.step(1 + len(s)/64); err != nil {
		return nil, err
	}
	if len(n.args) == 1 {
		if rng, ok := n.args[0].(*rangeNode); !ok || rng == nil {
			v, err := r.eval(n.args[0])
			if err != nil {
				return nil, err
			}
			if text, ok := v.(string); ok {
				return r.part(s, text)
			}
			if i, ok := v.(int64); ok {
				return cut(s, i, 1, false), nil
			}
			return nil, r.errorAt(n, "this index is not supported")
		}
	}
	from, length, ok, err := r.bounds(n, int64(utf8.RuneCountInString(s)))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, nil
	}
	v := cut(s, from, length, true)
	return v, r.room(len(s))
}

// part gives the text if it occurs.
func (r *runner) part(s, text string) (any, error) {
	v, _, _ := textMethod("include?", s, []string{text})
	if v == true {
		return text, nil
	}
	return nil, nil
}

// cut gives length characters from an index, which may count from the end; nil
// when the start lies outside. Directly at the end is inside for a range only.
func cut(s string, from, length int64, atEnd bool) any {
	runes := []rune(s)
	size := int64(len(runes))
	if from < 0 {
		from += size
	}
	if from < 0 || from > size || from == size && !atEnd {
		return nil
	}
	return string(runes[from : from+min(length, size-from)])
}

// bounds reads [start, length] or [range] for something of a size; false when it
// lies outside.
func (r *runner) bounds(n *call, size int64) (from, length int64, ok bool, err error) {
	switch len(n.args) {
	case 2:
		args, err := r.each(n.args)
		if err != nil {
			return 0, 0, false, err
		}
		from, ok1 := args[0].(int64)
		length, ok2 := args[1].(int64)
		if ok1 && ok2 {
			return from, length, length >= 0 && from >= -size && from <= size, nil
		}
	case 1:
		if rng, ok := n.args[0].(*rangeNode); ok {
			return r.rangeBounds(n, rng, size)
		}
	}
	return 0, 0, false, r.errorAt(n, "this index is not supported")
}

func (r *runner) rangeBounds(n *call, rng *rangeNode, size int64) (from, length int64, ok bool, err error) {
	a, b, err := r.rangeEnds(rng)
	if err != nil {
		return 0, 0, false, err
	}
	from, ok1 := a.(int64)
	to, ok2 := b.(int64)
	if b == nil && rng.last == nil {
		to, ok2 = -1, true
	} else if rng.open {
		to--
		if b == int64(0) {
			return from, 0, ok1 && from >= -size && from <= size, nil
		}
	}
	if !ok1 || !ok2 {
		return 0, 0, false, r.errorAt(n, "this index is not supported")
	}
	if from < 0 {
		from += size
	}
	if to < 0 {
		to += size
	}
	return from, max(to-from+1, 0), from >= 0 && from <= size, nil
}

// element is Array#[].
func (r *runner) element(n *call, list []any) (any, error) {
	size := int64(len(list))
	if len(n.args) == 1 {
		if rng, ok := n.args[0].(*rangeNode); !ok || rng == nil {
			v, err := r.eval(n.args[0])
			if err != nil {
				return nil, err
			}
			i, ok := v.(int64)
			if !ok {
				return nil, r.errorAt(n, "this index is not supported")
			}
			if i < 0 {
				i += size
			}
			if i < 0 || i >= size {
				return nil, nil
			}
			return list[i], nil
		}
	}
	from, length, ok, err := r.bounds(n, size)
	if err != nil || !ok {
		return nil, err
	}
	if from < 0 {
		from += size
	}
	return list[from : from+min(length, size-from)], nil
}
