package erb

import (
	"strings"
)

// maxEval bounds how deep expressions may be, such as a chain of calls.
const maxEval = 2000

// eval gives the value of an expression.
func (r *runner) eval(n node) (any, error) {
	if r.depth++; r.depth > maxEval {
		return nil, r.limitAt(n, "expression nested too deeply")
	}
	defer func() { r.depth-- }()
	if err := r.step(1); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *literal:
		return n.value, nil
	case *interpolated:
		return r.interpolated(n)
	case *array:
		return r.each(n.items)
	case *variable:
		return r.vars[n.name], r.use(n.name)
	case *constant:
		return r.constant(n)
	case *call:
		return r.call(n)
	case *logic:
		return r.logic(n)
	case *rangeNode:
		return r.rangeList(n)
	case *branch:
		return r.branch(n)
	case *assign:
		return r.assign(n)
	case *group:
		return r.value(n.body)
	case *outputTag:
		return nil, r.emit(n)
	case *broken:
		return nil, n.err
	}
	return nil, r.errorAt(n, "not supported")
}

// each evaluates a list of expressions.
func (r *runner) each(list []node) ([]any, error) {
	out := make([]any, 0, len(list))
	for _, n := range list {
		v, err := r.eval(n)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *runner) interpolated(n *interpolated) (any, error) {
	text, err := r.joinParts(n.parts)
	switch {
	case err != nil:
		return nil, err
	case n.kind == tokSymbol:
		return symbol(text), nil
	case n.kind == tokString:
		return text, nil
	case r.env.Shell == nil:
		return nil, r.errorAt(n, "commands can't be run here")
	}
	out, err := r.env.Shell(text)
	if err != nil {
		return nil, r.raise(n, "command could not be run: "+err.Error())
	}
	return out, r.room(len(out))
}

func (r *runner) constant(n *constant) (any, error) {
	if v, ok := r.consts.values[n.path]; ok {
		return v, r.use(n.path)
	}
	return nil, r.refuse(n, "constant is not supported", constantAdvice(n.path))
}

func (r *runner) logic(n *logic) (any, error) {
	l, err := r.eval(n.l)
	if err != nil {
		return nil, err
	}
	switch n.op {
	case "not":
		return !truthy(l), nil
	case "||", "or":
		if truthy(l) {
			return l, nil
		}
	default:
		if !truthy(l) {
			return l, nil
		}
	}
	return r.eval(n.r)
}

func (r *runner) branch(n *branch) (any, error) {
	cond, err := r.eval(n.cond)
	if err != nil {
		return nil, err
	}
	if truthy(cond) != n.inverting {
		return r.body(n.yes, n.seg0)
	}
	return r.body(n.no, n.seg0)
}

// rangeList gives the numbers of a range. Ranges with an open end serve only to
// cut strings and lists, see rangeOf.
func (r *runner) rangeList(n *rangeNode) (any, error) {
	first, last, err := r.rangeEnds(n)
	if err != nil {
		return nil, err
	}
	lo, ok := first.(int64)
	hi, ok2 := last.(int64)
	if !ok || !ok2 {
		return nil, r.errorAt(n, "only ranges of integers are supported")
	}
	if n.open {
		hi--
	}
	if hi-lo >= maxLoops || hi > lo && hi-lo < 0 {
		return nil, r.limitAt(n, "range of more than 100,000 numbers")
	}
	out := []any{}
	for i := lo; i <= hi; i++ {
		out = append(out, i)
	}
	return out, r.step(len(out))
}

func (r *runner) rangeEnds(n *rangeNode) (first, last any, err error) {
	if first, err = r.eval(n.first); err != nil || n.last == nil {
		return first, nil, err
	}
	last, err = r.eval(n.last)
	return first, last, err
}

func (r *runner) assign(n *assign) (any, error) {
	if n.op == "=" {
		v, err := r.eval(n.value)
		if err != nil {
			return nil, err
		}
		return v, r.store(n, v)
	}
	old, err := r.current(n.target)
	if err != nil || n.op == "||=" && truthy(old) {
		return old, err
	}
	v, err := r.eval(n.value)
	if err != nil {
		return nil, err
	}
	if n.op == "+=" {
		if v, err = r.binary(n, "+", old, v); err != nil {
			return nil, err
		}
	}
	return v, r.store(n, v)
}

// current is the value of a target before an assignment; a constant that is not
// set counts as nil.
func (r *runner) current(target node) (any, error) {
	if c, ok := target.(*constant); ok {
		return r.consts.values[c.path], nil
	}
	return r.eval(target)
}

func (r *runner) store(n *assign, v any) error {
	switch t := n.target.(type) {
	case *variable:
		r.vars[t.name] = v
		delete(r.tainted, t.name)
		return nil
	case *constant:
		if r.consts.values == nil {
			r.consts.values = map[string]any{}
		}
		r.consts.values[t.path] = v
		delete(r.tainted, t.path)
		return nil
	case *call:
		if c, ok := t.recv.(*constant); ok && c.path == "ENV" {
			return r.setEnv(n, t.args[0], v)
		}
	}
	return r.errorAt(n, "only variables, constants and ENV[…] can be assigned")
}

func (r *runner) setEnv(n node, key node, v any) error {
	k, err := r.eval(key)
	if err != nil {
		return err
	}
	name, ok := k.(string)
	if !ok || name == "" || strings.ContainsAny(name, "=\x00") {
		return r.raise(n, "the name of an environment variable must be a string without =")
	}
	delete(r.tainted, envName(name))
	text, ok := v.(string)
	switch {
	case ok && !strings.Contains(text, "\x00") && r.env.Set != nil:
		r.env.Set(name, text)
		return nil
	case v == nil && r.env.Unset != nil:
		r.env.Unset(name)
		return nil
	case ok || v == nil:
		return r.errorAt(n, "the environment can't be changed here")
	}
	return r.raise(n, "an environment variable can't be set to "+kindName(v)+"; add .to_s")
}
