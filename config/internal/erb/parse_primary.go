package erb

import (
	"strconv"
	"strings"
)

// primary reads one operand.
func (p *parser) primary() (node, error) {
	t := p.take()
	ext := extent{t.start, t.end, t.seg, t.seg}
	switch t.kind {
	case tokInt, tokFloat:
		return p.number(t, ext)
	case tokString, tokCommand, tokSymbol:
		return p.interpolated(t, ext)
	case tokWords:
		items := make([]any, len(t.words))
		for i, w := range t.words {
			items[i] = w
		}
		return &literal{ext, items}, nil
	case tokConst:
		return p.constant(t, ext)
	case tokIdent:
		return p.name(t, ext)
	case tokKeyword:
		return p.keyword(t, ext)
	case tokOp:
		return p.bracket(t)
	case tokEOF, tokNewline, tokLabel, tokTag:
	}
	p.at = max(p.at-1, 0)
	if t.kind == tokEOF {
		p.at = len(p.tokens)
	}
	if t.kind == tokNewline || t.kind == tokEOF {
		return nil, p.unexpected("an expression is missing")
	}
	return nil, p.unsupported(t)
}

func (p *parser) number(t token, ext extent) (node, error) {
	digits := strings.ReplaceAll(t.text, "_", "")
	if t.kind == tokFloat {
		f, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return nil, p.src.errorAt(t.start, t.end, "number out of range")
		}
		return &literal{ext, f}, nil
	}
	i, err := strconv.ParseInt(digits, 0, 64)
	if err != nil {
		return nil, p.src.errorAt(t.start, t.end, "number out of range")
	}
	return &literal{ext, i}, nil
}

// interpolated makes a string, symbol or command out of its parts.
func (p *parser) interpolated(t token, ext extent) (node, error) {
	if next := p.peek(); t.kind == tokString && next.kind == tokString {
		return nil, p.src.errorAt(t.start, next.end, "strings side by side are not supported")
	}
	out := &interpolated{extent: ext, kind: t.kind}
	text := ""
	for _, part := range t.parts {
		if part.tokens == nil && part.end == 0 {
			text = part.text
			out.parts = append(out.parts, &literal{ext, text})
			continue
		}
		inner := &parser{src: p.src, tokens: part.tokens, scope: p.scope, depth: p.depth}
		inner.end = token{seg: t.seg, start: part.end, end: part.end}
		body, err := inner.program()
		if err != nil {
			return nil, err
		}
		at := extent{part.start, part.end, t.seg, t.seg}
		out.parts = append(out.parts, &group{extent: at, body: body})
	}
	if len(t.parts) == 1 && t.kind == tokString {
		return &literal{ext, text}, nil
	}
	if len(t.parts) == 1 && t.kind == tokSymbol {
		return &literal{ext, symbol(text)}, nil
	}
	return out, nil
}

func (p *parser) constant(t token, ext extent) (node, error) {
	next := p.peek()
	if next.is("(") && !next.spaced || next.spaced && next.kind == tokString {
		c := &call{name: t.text}
		err := p.arguments(c)
		c.extent = p.extentFrom(t)
		return c, err
	}
	return &constant{extent: ext, path: t.text}, nil
}

// name is a local variable, or a call without receiver.
func (p *parser) name(t token, ext extent) (node, error) {
	next := p.peek()
	if p.vars[t.text] && !(next.is("(") && !next.spaced) {
		return &variable{extent: ext, name: t.text}, nil
	}
	c := &call{name: t.text}
	err := p.arguments(c)
	c.extent = p.extentFrom(t)
	return c, err
}

func (p *parser) keyword(t token, ext extent) (node, error) {
	switch t.text {
	case "nil":
		return &literal{ext, nil}, nil
	case "true", "false":
		return &literal{ext, t.text == "true"}, nil
	case "if", "unless":
		return p.conditional(t)
	}
	p.at--
	return nil, p.unsupported(t)
}

// bracket reads (…) and […].
func (p *parser) bracket(t token) (node, error) {
	switch t.text {
	case "(":
		body, err := p.statements(")")
		if err == nil {
			err = p.expect(")", "the expression")
		}
		return &group{extent: p.extentFrom(t), body: body}, err
	case "[":
		c := &call{}
		if err := p.list(c, "]"); err != nil {
			return nil, err
		}
		if c.labels != nil || c.toProc != nil {
			return nil, p.src.errorAt(t.start, p.last().end, "hashes are not supported")
		}
		return &array{extent: p.extentFrom(t), items: c.args}, nil
	}
	p.at--
	err := p.unsupported(t)
	err.Rewrite = operatorAdvice(t.text)
	return nil, err
}

// conditional reads the rest of if and unless up to its end.
func (p *parser) conditional(t token) (node, error) {
	cond, err := p.andOr()
	if err != nil {
		return nil, err
	}
	p.skipNewlines()
	p.accept("then")
	b := &branch{cond: cond, inverting: t.text == "unless"}
	if b.yes, err = p.statements("elsif", "else", "end"); err != nil {
		return nil, err
	}
	switch next := p.peek(); {
	case next.is("elsif") && b.inverting:
		return nil, p.unexpected("unless has no elsif")
	case next.is("elsif"):
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		p.at++
		rest, err := p.conditional(token{text: "if", seg: next.seg, start: next.start, end: next.end})
		b.no, b.extent = []node{rest}, p.extentFrom(t)
		return b, err
	case next.is("else"):
		p.at++
		if b.no, err = p.statements("end"); err != nil {
			return nil, err
		}
	}
	err = p.expect("end", "if or unless")
	b.extent = p.extentFrom(t)
	return b, err
}
