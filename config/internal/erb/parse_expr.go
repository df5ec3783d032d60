package erb

import "strings"

// expr is an expression with the right to assign.
func (p *parser) expr() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	start := p.peek()
	left, err := p.ternary()
	if err != nil || !isAssignment(p.peek()) {
		return left, err
	}
	op := p.take()
	target, err := p.target(left, op)
	if err != nil {
		return nil, err
	}
	p.skipNewlines()
	value, err := p.expr()
	return &assign{extent: p.extentFrom(start), target: target, op: op.text, value: value}, err
}

func isAssignment(t token) bool {
	if t.kind != tokOp || !strings.HasSuffix(t.text, "=") {
		return false
	}
	switch t.text {
	case "==", "===", "!=", "<=", ">=":
		return false
	}
	return true
}

// target checks what an assignment may set.
func (p *parser) target(left node, op token) (node, error) {
	refuse := func(msg string) error {
		return p.src.errorAt(left.span().from, op.end, msg)
	}
	if op.text != "=" && op.text != "||=" && op.text != "+=" {
		return nil, refuse("this assignment is not supported")
	}
	switch t := left.(type) {
	case *variable:
		p.assign(t.name, t.from)
		return t, nil
	case *call:
		if t.recv == nil && len(t.args) == 0 && !t.parens && t.block == nil && !strings.ContainsAny(t.name, "?!") {
			p.assign(t.name, t.from)
			return &variable{extent: t.extent, name: t.name}, nil
		}
		if t.name == "[]" && len(t.args) == 1 {
			return t, nil
		}
	case *constant:
		if !strings.Contains(t.path, "::") {
			return t, nil
		}
	}
	return nil, refuse("only variables, constants and ENV[…] can be assigned")
}

func (p *parser) ternary() (node, error) {
	start := p.peek()
	cond, err := p.ranges()
	if err != nil || !p.peek().is("?") {
		return cond, err
	}
	p.at++
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.skipNewlines()
	yes, err := p.expr()
	if err != nil {
		return nil, err
	}
	p.skipNewlines()
	if err := p.expect(":", "the value of ?"); err != nil {
		return nil, err
	}
	p.skipNewlines()
	no, err := p.expr()
	return &branch{extent: p.extentFrom(start), cond: cond, yes: []node{yes}, no: []node{no}}, err
}

func (p *parser) ranges() (node, error) {
	start := p.peek()
	first, err := p.binary(1)
	if err != nil || !p.peek().is("..") && !p.peek().is("...") {
		return first, err
	}
	open := p.take().text == "..."
	var last node
	if t := p.peek(); !t.is("]") && !t.is(")") && t.kind != tokNewline && t.kind != tokEOF {
		last, err = p.binary(1)
	}
	return &rangeNode{extent: p.extentFrom(start), first: first, last: last, open: open}, err
}

// precedence of the binary operators; 0 for others.
func precedence(t token) int {
	if t.kind != tokOp {
		return 0
	}
	switch t.text {
	case "||":
		return 1
	case "&&":
		return 2
	case "==", "!=", "===", "=~", "!~", "<=>":
		return 3
	case "<", ">", "<=", ">=":
		return 4
	case "|", "^":
		return 5
	case "&":
		return 6
	case "<<", ">>":
		return 7
	case "+", "-":
		return 8
	case "*", "/", "%":
		return 9
	case "**":
		return 10
	}
	return 0
}

// binary climbs the precedence of left-associative operators.
func (p *parser) binary(floor int) (node, error) {
	start := p.peek()
	left, err := p.unary()
	for err == nil {
		op := p.peek()
		level := precedence(op)
		if level < floor || level == 0 {
			return left, nil
		}
		p.at++
		p.skipNewlines()
		var right node
		if right, err = p.binary(level + 1); err == nil {
			left = binaryNode(p.extentFrom(start), op.text, left, right)
		}
	}
	return nil, err
}

func binaryNode(ext extent, op string, l, r node) node {
	switch op {
	case "||", "&&":
		return &logic{extent: ext, op: op, l: l, r: r}
	case "!=":
		same := &call{extent: ext, recv: l, name: "==", args: []node{r}}
		return &logic{extent: ext, op: "not", l: same}
	}
	return &call{extent: ext, recv: l, name: op, args: []node{r}}
}

func (p *parser) unary() (node, error) {
	start := p.peek()
	switch {
	case start.is("!"):
	case start.is("-"), start.is("+"):
	default:
		return p.postfix()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.at++
	if next := p.peek(); start.is("-") && (next.kind == tokInt || next.kind == tokFloat) && !next.spaced {
		return p.negative(start)
	}
	n, err := p.unary()
	if err != nil {
		return nil, err
	}
	ext := p.extentFrom(start)
	if start.text == "!" {
		return &logic{extent: ext, op: "not", l: n}, nil
	}
	return &call{extent: ext, recv: n, name: start.text + "@"}, nil
}

// negative reads a number whose minus belongs to it, so that -5.abs is 5.
func (p *parser) negative(start token) (node, error) {
	t := p.take()
	n, err := p.number(t, extent{start.start, t.end, start.seg, t.seg})
	if lit, ok := n.(*literal); ok && err == nil {
		switch v := lit.value.(type) {
		case int64:
			lit.value = -v
		case float64:
			lit.value = -v
		}
	}
	return p.calls(start, n, err)
}
