package erb

// postfix reads an operand and the calls and indexes behind it.
func (p *parser) postfix() (node, error) {
	start := p.peek()
	n, err := p.primary()
	return p.calls(start, n, err)
}

// calls reads the calls and indexes behind an operand.
func (p *parser) calls(start token, n node, err error) (node, error) {
	for err == nil {
		t := p.peek()
		switch {
		case t.is(".") || t.is("&."):
			n, err = p.method(start, n)
		case t.is("::"):
			n, err = p.scoped(start, n)
		case t.is("[") && !t.spaced:
			n, err = p.index(start, n)
		default:
			return n, nil
		}
	}
	return nil, err
}

func (p *parser) method(start token, recv node) (node, error) {
	safe := p.take().text == "&."
	p.skipNewlines()
	name := p.take()
	if name.kind != tokIdent && name.kind != tokConst {
		p.at--
		return nil, p.unexpected("expected a method name")
	}
	c := &call{recv: recv, name: name.text, safe: safe}
	if err := p.arguments(c); err != nil {
		return nil, err
	}
	c.extent = p.extentFrom(start)
	return c, nil
}

func (p *parser) scoped(start token, recv node) (node, error) {
	p.at++
	name := p.take()
	base, ok := recv.(*constant)
	switch {
	case ok && name.kind == tokConst && !p.peek().is("("):
		return &constant{extent: p.extentFrom(start), path: base.path + "::" + name.text}, nil
	case name.kind == tokIdent:
		c := &call{recv: recv, name: name.text}
		if err := p.arguments(c); err != nil {
			return nil, err
		}
		c.extent = p.extentFrom(start)
		return c, nil
	}
	p.at--
	return nil, p.unexpected("expected a name after ::")
}

func (p *parser) index(start token, recv node) (node, error) {
	p.at++
	c := &call{recv: recv, name: "[]"}
	if err := p.list(c, "]"); err != nil {
		return nil, err
	}
	c.extent = p.extentFrom(start)
	return c, nil
}

// arguments reads what follows a method name: arguments with or without
// parentheses, then a block.
func (p *parser) arguments(c *call) error {
	t := p.peek()
	switch {
	case t.is("(") && !t.spaced:
		p.at++
		c.parens = true
		if err := p.list(c, ")"); err != nil {
			return err
		}
	case t.spaced && startsArgument(t):
		if err := p.bareList(c); err != nil {
			return err
		}
	}
	if t := p.peek(); t.is("{") || t.is("do") {
		return p.block(c)
	}
	return nil
}

// startsArgument tells that the token can only be the first argument of a call
// without parentheses.
func startsArgument(t token) bool {
	switch t.kind {
	case tokIdent, tokConst, tokInt, tokFloat, tokString, tokCommand, tokSymbol, tokWords, tokLabel:
		return true
	case tokKeyword:
		return t.text == "nil" || t.text == "true" || t.text == "false"
	case tokEOF, tokNewline, tokOp, tokTag:
	}
	return false
}

func (p *parser) list(c *call, end string) error {
	for p.skipNewlines(); !p.accept(end); p.skipNewlines() {
		if err := p.argument(c); err != nil {
			return err
		}
		p.skipNewlines()
		if !p.accept(",") && !p.peek().is(end) {
			return p.unexpected("expected , or " + end)
		}
	}
	return nil
}

func (p *parser) bareList(c *call) error {
	for {
		if err := p.argument(c); err != nil {
			return err
		}
		if !p.accept(",") {
			return nil
		}
		p.skipNewlines()
	}
}

// argument reads one value, `name: value`, `:name => value` or `&:name`.
func (p *parser) argument(c *call) error {
	start := p.peek()
	if start.kind == tokLabel {
		p.at++
		p.skipNewlines()
		value, err := p.expr()
		c.labels = append(c.labels, labelled{start.text, value})
		return err
	}
	if p.accept("&") {
		value, err := p.ternary()
		c.toProc = value
		return err
	}
	value, err := p.expr()
	if err != nil {
		return err
	}
	if !p.accept("=>") {
		c.args = append(c.args, value)
		return nil
	}
	name, ok := value.(*literal)
	key, isSymbol := literalSymbol(name, ok)
	if !isSymbol {
		return p.src.errorAt(start.start, p.last().end, "hashes are not supported")
	}
	value, err = p.expr()
	c.labels = append(c.labels, labelled{key, value})
	return err
}

func literalSymbol(n *literal, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	s, is := n.value.(symbol)
	return string(s), is
}

func (p *parser) block(c *call) error {
	end := "end"
	if p.take().text == "{" {
		end = "}"
	}
	b := &block{}
	p.skipNewlines()
	if p.accept("|") {
		if err := p.params(b); err != nil {
			return err
		}
	}
	leave := p.inner(b.params)
	var err error
	b.body, err = p.statements(end)
	b.locals = leave(p.peek().start)
	if err != nil {
		return err
	}
	c.block = b
	return p.expect(end, "the block")
}

func (p *parser) params(b *block) error {
	for !p.accept("|") {
		t := p.take()
		if t.kind != tokIdent {
			p.at--
			return p.unexpected("expected a name between | |")
		}
		b.params = append(b.params, t.text)
		if !p.accept(",") && !p.peek().is("|") {
			return p.unexpected("expected , or |")
		}
	}
	return nil
}
