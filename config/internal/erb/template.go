package erb

import "errors"

// parseTemplate turns the segments into statements. Code tags form one program
// with the texts and <%= tags between them as statements. Tags in a comment that
// can't be read are replaced by broken nodes. The map gives the variables
// and where each exists.
func parseTemplate(src *source, segs []segment) ([]node, map[string][]visible, error) {
	t := &template{src: src, segs: segs, code: make([][]token, len(segs)), ready: make([]node, len(segs)), scope: newScope()}
	for i := range segs {
		if err := t.prepare(i); err != nil {
			return nil, nil, err
		}
	}
	for tries := 0; ; tries++ {
		p := &parser{src: src, tokens: t.stream(), ready: t.ready, scope: t.scope}
		body, err := p.program()
		if err == nil {
			return body, t.seen, nil
		}
		// A tag in a comment that opens or closes nothing is no program.
		if tries == maxRetries || !t.giveUp(p.peek().seg, err) && !t.giveUp(p.last().seg, err) {
			return nil, nil, err
		}
	}
}

// maxRetries bounds how many tags in comments are given up one by one.
const maxRetries = 100

type template struct {
	src   *source
	segs  []segment
	code  [][]token // tokens of the code tags
	ready []node    // texts, <%= tags and broken tags
	scope
}

// prepare reads one segment by itself.
func (t *template) prepare(i int) error {
	s := t.segs[i]
	ext := extent{s.start, s.end, i, i}
	var err error
	switch s.kind {
	case segText:
		t.ready[i] = &outputTag{extent: ext, seg: i}
		return nil
	case segComment:
		return nil
	case segCode:
		t.code[i], err = t.lex(i)
	case segExpr:
		var body []node
		if body, err = t.expression(i); err == nil {
			t.ready[i] = &outputTag{extent: ext, seg: i, body: body}
		}
	}
	if err != nil && !t.giveUp(i, err) {
		return err
	}
	return nil
}

// giveUp replaces a tag in a comment; false when it is not in one, or was
// replaced before.
func (t *template) giveUp(i int, err error) bool {
	var refusal *Error
	if i < 0 || i >= len(t.segs) || !t.segs[i].inComment || t.segs[i].kind == segText || !errors.As(err, &refusal) {
		return false
	}
	if _, done := t.ready[i].(*broken); done {
		return false
	}
	t.code[i] = nil
	t.ready[i] = &broken{extent: extent{t.segs[i].start, t.segs[i].end, i, i}, err: refusal}
	return true
}

func (t *template) lex(i int) ([]token, error) {
	s := t.segs[i]
	l := &lexer{src: t.src, code: s.text, base: s.body, seg: i}
	if err := l.run(false); err != nil {
		return nil, err
	}
	if l.hidden && (s.kind == segExpr || !s.newline) {
		err := t.src.errorAt(s.start, s.end, "a Ruby comment here also hides the text behind the tag")
		err.Rewrite = "write <%# … %>"
		return nil, err
	}
	return l.tokens, nil
}

// expression reads a <%= tag, whose code must be complete by itself.
func (t *template) expression(i int) ([]node, error) {
	tokens, err := t.lex(i)
	if err != nil {
		return nil, err
	}
	p := &parser{src: t.src, tokens: tokens, scope: t.scope}
	p.end = token{seg: i, start: t.segs[i].end, end: t.segs[i].end}
	body, err := p.program()
	if body == nil {
		body = []node{}
	}
	return body, err
}

// stream joins the code tags, each followed by a line end, and stand-ins for the
// rest.
func (t *template) stream() []token {
	var out []token
	for i, s := range t.segs {
		if t.ready[i] != nil {
			out = append(out, token{kind: tokTag, seg: i, start: s.start, end: s.end})
		}
		out = append(out, t.code[i]...)
		out = append(out, token{kind: tokNewline, text: ";", seg: i, start: s.end, end: s.end})
	}
	return out
}
