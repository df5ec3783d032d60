package erb

// withBlock calls a method of a list with a block: each, map, select and such.
func (r *runner) withBlock(n *call, recv any) (any, error) {
	list, ok := recv.([]any)
	if times, isInt := recv.(int64); isInt && n.name == "times" {
		rng := &rangeNode{extent: n.extent, first: &literal{n.extent, int64(0)}, last: &literal{n.extent, times}, open: true}
		v, err := r.rangeList(rng)
		if err != nil {
			return nil, err
		}
		list, ok = v.([]any)
	}
	if !ok {
		if recv == nil {
			return nil, r.unknownMethod(n, recv)
		}
		return nil, r.errorAt(n, "method "+n.name+" with a block is not supported on "+kindName(recv))
	}
	if len(n.args) > 0 {
		return nil, r.errorAt(n, "method "+n.name+" with arguments and a block is not supported")
	}
	switch n.name {
	case "each", "times":
		return recv, r.turns(n, list, func(any, any) bool { return true })
	case "each_with_index":
		return recv, r.indexed(n, list)
	}
	return r.collect(n, list)
}

// collect are the methods whose result depends on what the block gives.
func (r *runner) collect(n *call, list []any) (any, error) {
	out := []any{}
	found := false
	var keep func(item, v any) bool
	switch n.name {
	case "map", "collect":
		keep = func(_, v any) bool { out = append(out, v); return true }
	case "filter_map":
		keep = func(_, v any) bool {
			if truthy(v) {
				out = append(out, v)
			}
			return true
		}
	case "select", "filter", "reject":
		keep = func(item, v any) bool {
			if truthy(v) != (n.name == "reject") {
				out = append(out, item)
			}
			return true
		}
	case "any?":
		keep = func(_, v any) bool { found = truthy(v); return !found }
	case "all?":
		found = true
		keep = func(_, v any) bool { found = truthy(v); return found }
	default:
		return nil, r.refuse(n, "method "+n.name+" with a block is not supported", methodAdvice(n.name))
	}
	if err := r.turns(n, list, keep); err != nil {
		return nil, err
	}
	if n.name == "any?" || n.name == "all?" {
		return found, nil
	}
	return out, nil
}

// turns runs the block for each item until keep says stop.
func (r *runner) turns(n *call, list []any, keep func(item, v any) bool) error {
	for _, item := range list {
		v, err := r.yield(n, item)
		if err != nil {
			return err
		}
		if !keep(item, v) {
			return nil
		}
	}
	return nil
}

func (r *runner) indexed(n *call, list []any) error {
	for i, item := range list {
		if _, err := r.yield(n, item, int64(i)); err != nil {
			return err
		}
	}
	return nil
}

// yield runs the block, or the method that &:name names, for one item.
func (r *runner) yield(n *call, values ...any) (any, error) {
	if err := r.loop(n); err != nil {
		return nil, err
	}
	if n.block == nil {
		name, err := r.eval(n.toProc)
		if err != nil {
			return nil, err
		}
		method, ok := name.(symbol)
		if !ok {
			return nil, r.errorAt(n, "only &:name is supported")
		}
		return r.methodOf(&call{extent: n.extent, recv: n.toProc, name: string(method)}, values[0])
	}
	if len(n.block.params) > len(values) {
		return nil, r.errorAt(n, "block with too many parameters")
	}
	defer r.bind(n.block, values)()
	return r.body(n.block.body, n.seg0)
}

// bind sets the parameters of a block and gives the function that restores what
// they hid and forgets the variables of the block.
func (r *runner) bind(b *block, values []any) func() {
	old := make(map[string]any, len(b.params))
	for i, p := range b.params {
		if v, ok := r.vars[p]; ok {
			old[p] = v
		}
		r.vars[p] = values[i]
	}
	return func() {
		for _, p := range b.params {
			delete(r.vars, p)
			if v, ok := old[p]; ok {
				r.vars[p] = v
			}
		}
		for _, name := range b.locals {
			delete(r.vars, name)
		}
	}
}
