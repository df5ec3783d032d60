package erb

import (
	"maps"
	"math"
	"slices"
)

// parser reads statements by recursive descent.
type parser struct {
	src    *source
	tokens []token
	ready  []node // what the tokTag tokens stand for
	at     int
	end    token // given back behind the last token
	depth  int
	scope
}

// scope knows the local variables: vars are those that a bare name may mean at
// this place, seen the parts of the template in which each exists.
type scope struct {
	vars map[string]bool
	seen map[string][]visible
}

type visible struct{ from, to int }

func newScope() scope { return scope{vars: map[string]bool{}, seen: map[string][]visible{}} }

func (s scope) assign(name string, at int) {
	if !s.vars[name] {
		s.vars[name] = true
		s.seen[name] = append(s.seen[name], visible{at, math.MaxInt})
	}
}

// inner begins a block with parameters. The function that it gives ends the
// block: it forgets the parameters and the variables that the block was the
// first to assign, and returns the latter.
func (s scope) inner(params []string) func(end int) []string {
	before := maps.Clone(s.vars)
	for _, name := range params {
		s.vars[name] = true
	}
	return func(end int) []string {
		var locals []string
		for name := range s.vars {
			if before[name] {
				continue
			}
			delete(s.vars, name)
			if all := s.seen[name]; len(all) > 0 && all[len(all)-1].to == math.MaxInt {
				all[len(all)-1].to = end
				locals = append(locals, name)
			}
		}
		return locals
	}
}

// exists tells that a variable is known at an offset.
func exists(seen map[string][]visible, name string, at int) bool {
	return slices.ContainsFunc(seen[name], func(v visible) bool { return v.from < at && at < v.to })
}

func (p *parser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	t := p.end
	if len(p.tokens) > 0 {
		last := p.tokens[len(p.tokens)-1]
		t = token{seg: last.seg, start: last.end, end: last.end}
	}
	t.kind = tokEOF
	return t
}

func (p *parser) last() token {
	if p.at > 0 && p.at <= len(p.tokens) {
		return p.tokens[p.at-1]
	}
	return token{}
}

func (p *parser) take() token {
	t := p.peek()
	if p.at < len(p.tokens) {
		p.at++
	}
	return t
}

// accept takes the operator or keyword if it is next.
func (p *parser) accept(text string) bool {
	if p.peek().is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text, after string) error {
	if p.accept(text) {
		return nil
	}
	return p.unexpected("expected " + text + " after " + after)
}

func (p *parser) unexpected(msg string) *Error {
	t := p.peek()
	if t.kind == tokEOF || t.kind == tokTag {
		return p.src.errorAt(t.start, t.start, msg)
	}
	return p.src.errorAt(t.start, t.end, msg)
}

func (p *parser) skipNewlines() {
	for p.peek().kind == tokNewline {
		p.at++
	}
}

// enter guards against source nested too deeply.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		err := p.unexpected("nested too deeply")
		err.kind = limit
		return err
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// extentFrom covers the tokens from start to the one taken last.
func (p *parser) extentFrom(start token) extent {
	last := p.last()
	return extent{start.start, last.end, start.seg, max(last.seg, start.seg)}
}

func (p *parser) program() ([]node, error) {
	body, err := p.statements()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEOF {
		return nil, p.unsupported(t)
	}
	return body, nil
}

// statements reads up to a word that ends a block, which it leaves.
func (p *parser) statements(ends ...string) ([]node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var body []node
	for {
		p.skipNewlines()
		t := p.peek()
		if t.kind == tokEOF || (t.kind == tokOp || t.kind == tokKeyword) && slices.Contains(ends, t.text) {
			return body, nil
		}
		if t.kind == tokTag {
			body = append(body, p.ready[t.seg])
			p.at++
			continue
		}
		n, err := p.statement()
		if err != nil {
			return nil, err
		}
		body = append(body, n)
		if t := p.peek(); t.kind != tokNewline && t.kind != tokEOF && t.kind != tokTag && !slices.Contains(ends, t.text) {
			return nil, p.unsupported(t)
		}
	}
}

// statement is an expression with its `if` and `unless` behind it.
func (p *parser) statement() (node, error) {
	start := p.peek()
	n, err := p.andOr()
	for err == nil {
		invert := p.peek().is("unless")
		if !invert && !p.peek().is("if") {
			return n, nil
		}
		p.at++
		var cond node
		if cond, err = p.andOr(); err == nil {
			n = &branch{extent: p.extentFrom(start), cond: cond, yes: []node{n}, inverting: invert}
		}
	}
	return nil, err
}

// andOr reads the words `and` and `or`, which bind alike and weaker than all else.
func (p *parser) andOr() (node, error) {
	start := p.peek()
	left, err := p.not()
	for err == nil && (p.peek().is("and") || p.peek().is("or")) {
		op := p.take().text
		p.skipNewlines()
		var right node
		right, err = p.not()
		left = &logic{extent: p.extentFrom(start), op: op, l: left, r: right}
	}
	return left, err
}

func (p *parser) not() (node, error) {
	start := p.peek()
	if !p.accept("not") {
		return p.expr()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	n, err := p.not()
	return &logic{extent: p.extentFrom(start), op: "not", l: n}, err
}

// unsupported says of a token that the statement can't go on with it.
func (p *parser) unsupported(t token) *Error {
	switch {
	case t.kind == tokEOF:
		return p.unexpected("the code ends too early")
	case t.kind == tokTag:
		return p.unexpected("a tag interrupts an expression")
	}
	err := p.src.errorAt(t.start, t.end, "not supported here")
	if t.kind == tokKeyword {
		err.Rewrite = keywordAdvice(t.text)
	}
	if t.is("end") || t.is("else") || t.is("elsif") {
		err.Msg = "nothing is open here"
	}
	return err
}
