package erb

import (
	"errors"
	"strings"
)

// runner evaluates a parsed template.
type runner struct {
	src      *source
	segs     []segment
	env      Env
	out      output
	vars     map[string]any
	declared map[string][]visible // where variables exist, nil at first
	consts   *Consts
	tainted  map[string]*Error // see taint
	drops    []drop
	refusals Errors
	warnings []Warning

	steps, loops, work, depth int
}

func newRunner(src *source, segs []segment, declared map[string][]visible, env Env) *runner {
	r := &runner{src: src, segs: segs, env: env, declared: declared, vars: map[string]any{}, tainted: map[string]*Error{}, consts: env.Consts}
	if r.consts == nil {
		r.consts = &Consts{}
	}
	return r
}

// run executes the whole template.
func (r *runner) run(program []node) error {
	if _, err := r.body(program, noTag); err != nil {
		var last *Error
		if !errors.As(err, &last) {
			return err
		}
		r.refusals = append(r.refusals, last)
	}
	if err := confirmDrops(r.out.b.String(), r.drops); err != nil {
		var e *Error
		if errors.As(err, &e) {
			r.refusals = append(r.refusals, e)
		}
	}
	switch len(r.refusals) {
	case 0:
		return nil
	case 1:
		return r.refusals[0]
	}
	return r.refusals
}

func (r *runner) result() Result {
	return Result{Text: []byte(r.out.b.String()), Map: r.out.mapper(r.src), Warnings: r.warnings}
}

// value runs statements within an expression and gives the value of the last.
func (r *runner) value(list []node) (any, error) {
	var value any
	for _, n := range list {
		v, err := r.eval(n)
		if err != nil {
			return nil, err
		}
		value = v
	}
	return value, nil
}

// noTag is the owner of the statements of the template itself.
const noTag = -1

// body runs statements of the template, or of a block that the tag owner opens.
// Those that are tags of their own may be passed over, see pass.
func (r *runner) body(list []node, owner int) (any, error) {
	var value any
	for _, n := range list {
		before := r.out.b.Len()
		v, err := r.eval(n)
		if err != nil && (n.span().seg0 == owner || !r.pass(n, err, before)) {
			return nil, err
		}
		value = v
	}
	return value, nil
}

// pass handles an error of a statement: in a comment the statement is dropped,
// a refused <%= tag is noted and the rest looked at.
func (r *runner) pass(n node, err error, before int) bool {
	var e *Error
	if !errors.As(err, &e) || e.kind == limit {
		return false
	}
	if r.commentOnly(n.span()) {
		r.out.truncate(before)
		r.taint(n.span().from, n.span().to, e)
		for len(r.drops) > 0 && r.drops[len(r.drops)-1].out > before {
			r.drops = r.drops[:len(r.drops)-1]
		}
		r.drops = append(r.drops, drop{out: before, err: e})
		if e.kind == failed {
			r.warnings = append(r.warnings, Warning{Pos: e.Pos, Msg: "dropped from a comment: " + e.Msg + ": " + e.Expr})
		}
		return len(r.drops) < maxLoops
	}
	if tag, ok := n.(*outputTag); ok && tag.body != nil && len(r.refusals) < maxRefusals {
		r.refusals = append(r.refusals, e)
		return true
	}
	return false
}

// maxRefusals bounds the list of errors.
const maxRefusals = 20

// commentOnly tells that a statement lies in comments from end to end.
func (r *runner) commentOnly(e *extent) bool {
	for i := e.seg0; i <= e.seg1; i++ {
		if !r.segs[i].inComment && r.segs[i].kind != segComment {
			return false
		}
	}
	return r.segs[e.seg0].kind != segText
}

// step counts work that takes time.
func (r *runner) step(n int) error {
	if r.steps += n; r.steps > maxSteps {
		return &Error{Pos: r.src.pos(0), Msg: "the template takes too long", kind: limit}
	}
	return nil
}

// loop counts one turn of a loop.
func (r *runner) loop(n node) error {
	if r.loops++; r.loops > maxLoops {
		return r.limitAt(n, "more than 100,000 turns of loops")
	}
	return nil
}

// room checks the size of one string, and of all strings made so far.
func (r *runner) room(size int) error {
	r.work += size
	if size > maxOutput || r.work > maxWork {
		return &Error{Pos: r.src.pos(0), Msg: "the template makes too much text", kind: limit}
	}
	return nil
}

func (r *runner) limitAt(n node, msg string) *Error {
	e := r.errorAt(n, msg)
	e.kind = limit
	return e
}

// errorAt makes a refusal of a node.
func (r *runner) errorAt(n node, msg string) *Error {
	return r.src.errorAt(n.span().from, n.span().to, msg)
}

// refuse is errorAt with a rewrite.
func (r *runner) refuse(n node, msg, rewrite string) *Error {
	e := r.errorAt(n, msg)
	e.Rewrite = rewrite
	return e
}

// raise makes an error that Ruby would raise as well.
func (r *runner) raise(n node, msg string) *Error {
	e := r.errorAt(n, msg)
	e.kind = failed
	return e
}

// emit runs a text or a <%= tag.
func (r *runner) emit(t *outputTag) error {
	s := r.segs[t.seg]
	text, fixed, from := s.text, false, s.body
	if t.body != nil {
		v, err := r.value(t.body)
		if err != nil {
			return err
		}
		if text, err = r.toS(v); err != nil {
			return err
		}
		fixed, from = true, s.start
	}
	if r.out.b.Len()+len(text) > maxOutput {
		return r.limitAt(t, "the result is larger than 1 MiB")
	}
	r.out.write(text, from, fixed)
	return nil
}

// joinParts makes the text of an interpolated literal.
func (r *runner) joinParts(parts []node) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		v, err := r.eval(p)
		if err != nil {
			return "", err
		}
		s, err := r.toS(v)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
		if b.Len() > maxOutput {
			break
		}
	}
	return b.String(), r.room(b.Len())
}
