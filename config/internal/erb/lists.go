package erb

import (
	"slices"
	"strings"
)

func (r *runner) listOperator(op string, a []any, other any) (any, bool, error) {
	b, ok := other.([]any)
	if !ok || op != "+" && op != "-" {
		return nil, false, nil
	}
	if err := r.grow(len(a) + len(b)); err != nil {
		return nil, false, err
	}
	if op == "+" {
		return slices.Concat(a, b), true, nil
	}
	out := []any{}
	for _, item := range a {
		in, err := r.contains(b, item)
		if err != nil {
			return nil, false, err
		}
		if !in {
			out = append(out, item)
		}
	}
	return out, true, nil
}

// grow bounds the length of a list.
func (r *runner) grow(n int) error {
	if n > maxLoops {
		return &Error{Pos: r.src.pos(0), Msg: "list of more than 100,000 items", kind: limit}
	}
	return r.step(n)
}

func (r *runner) contains(list []any, v any) (bool, error) {
	for _, item := range list {
		if same, err := r.equal(item, v); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (r *runner) listMethod(n *call, list []any, args []any) (any, bool, error) {
	if err := r.step(len(list)); err != nil {
		return nil, false, err
	}
	if len(args) == 1 {
		return r.listMethod1(n.name, list, args[0])
	}
	if len(args) > 1 {
		return nil, false, nil
	}
	switch n.name {
	case "to_a", "flatten":
		return list, n.name == "to_a" || !nested(list), nil
	case "join":
		return r.join(list, "")
	case "size", "length", "count":
		return int64(len(list)), true, nil
	case "empty?":
		return len(list) == 0, true, nil
	case "any?":
		return slices.ContainsFunc(list, truthy), true, nil
	case "first":
		return edge(list, 0), true, nil
	case "last":
		return edge(list, len(list)-1), true, nil
	case "reverse":
		out := slices.Clone(list)
		slices.Reverse(out)
		return out, true, nil
	case "compact":
		return slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == nil }), true, nil
	case "uniq":
		return r.uniq(list)
	case "sort":
		texts, ok := allStrings(list)
		slices.Sort(texts)
		if !ok {
			return nil, false, nil
		}
		return r.words(texts)
	}
	return nil, false, nil
}

func nested(list []any) bool {
	return slices.ContainsFunc(list, func(v any) bool { _, is := v.([]any); return is })
}

func edge(list []any, i int) any {
	if len(list) == 0 {
		return nil
	}
	return list[i]
}

func (r *runner) listMethod1(name string, list []any, arg any) (any, bool, error) {
	switch name {
	case "join":
		by, ok := arg.(string)
		if !ok {
			return nil, false, nil
		}
		return r.join(list, by)
	case "include?":
		in, err := r.contains(list, arg)
		return in, true, err
	case "first", "last":
		k, ok := arg.(int64)
		if !ok || k < 0 {
			return nil, false, nil
		}
		k = min(k, int64(len(list)))
		if name == "first" {
			return list[:k], true, nil
		}
		return list[int64(len(list))-k:], true, nil
	}
	return nil, false, nil
}

func (r *runner) join(list []any, by string) (any, bool, error) {
	var b strings.Builder
	for i, item := range list {
		if _, isList := item.([]any); isList {
			return nil, false, nil
		}
		s, err := r.toS(item)
		if err != nil {
			return nil, false, err
		}
		if i > 0 {
			b.WriteString(by)
		}
		if b.WriteString(s); b.Len() > maxOutput {
			break
		}
	}
	return b.String(), true, r.room(b.Len())
}

func (r *runner) uniq(list []any) (any, bool, error) {
	out := []any{}
	for _, item := range list {
		in, err := r.contains(out, item)
		if err != nil {
			return nil, false, err
		}
		if !in {
			out = append(out, item)
		}
	}
	return out, true, nil
}
