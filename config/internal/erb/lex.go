package erb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts the code of one tag into tokens.
type lexer struct {
	src    *source
	code   string
	base   int // offset of code in the template
	seg    int
	at     int
	depth  int
	tokens []token
	// hidden is set by a comment that runs to the end of the code.
	hidden bool
}

func (l *lexer) fail(start, end int, msg, rewrite string) *Error {
	err := l.src.errorAt(l.base+start, l.base+end, msg)
	err.Rewrite = rewrite
	return err
}

// run cuts until the end of the code or, within an interpolation, until the
// brace that closes it.
func (l *lexer) run(inner bool) error {
	braces := 0
	for {
		spaced, newline := l.skipBlank()
		if newline {
			l.add(tokNewline, "\n", l.at, spaced)
		}
		if l.at >= len(l.code) {
			if inner {
				return l.fail(l.at, l.at, "interpolation is never closed", "")
			}
			return nil
		}
		switch l.code[l.at] {
		case '{':
			braces++
		case '}':
			if braces--; inner && braces < 0 {
				return nil
			}
		}
		if err := l.next(spaced); err != nil {
			return err
		}
	}
}

// skipBlank passes white space and comments; it reports a line end that ends a
// statement, which one before a leading dot does not.
func (l *lexer) skipBlank() (spaced, newline bool) {
	start := l.at
	for l.at < len(l.code) {
		c := l.code[l.at]
		switch {
		case c == '\n':
			newline = true
			l.at++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			l.at++
		case c == '\\' && strings.HasPrefix(l.code[l.at:], "\\\n"):
			l.at += 2
		case c == '#':
			end := strings.IndexByte(l.code[l.at:], '\n')
			if end < 0 {
				l.at, l.hidden = len(l.code), true
				return true, newline
			}
			l.at += end
		default:
			return l.at > start, newline && !l.leadingDot()
		}
	}
	return l.at > start, newline
}

func (l *lexer) leadingDot() bool {
	rest := l.code[l.at:]
	return strings.HasPrefix(rest, "&.") || strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "..")
}

func (l *lexer) prev() token {
	if len(l.tokens) == 0 {
		return token{}
	}
	return l.tokens[len(l.tokens)-1]
}

// literalHere tells that an operand may start here: after an operator, or as the
// first argument of a call without parentheses.
func (l *lexer) literalHere(spaced bool) bool {
	p := l.prev()
	if !p.endsValue() {
		return true
	}
	next, _ := utf8.DecodeRuneInString(l.code[min(l.at+1, len(l.code)):])
	return p.kind == tokIdent && spaced && next != ' ' && next != '='
}

func (l *lexer) add(kind tokenKind, text string, start int, spaced bool) *token {
	l.tokens = append(l.tokens, token{
		kind: kind, text: text, seg: l.seg, spaced: spaced,
		start: l.base + start, end: l.base + l.at,
	})
	return &l.tokens[len(l.tokens)-1]
}

// next takes one token.
func (l *lexer) next(spaced bool) error {
	c := l.code[l.at]
	switch {
	case c >= '0' && c <= '9':
		return l.number(spaced)
	case c == '_' || c >= utf8.RuneSelf || unicode.IsLetter(rune(c)):
		return l.word(spaced)
	case c == '"' || c == '\'' || c == '`':
		return l.quoted(spaced)
	case c == '%' && l.literalHere(spaced):
		return l.percent(spaced)
	case c == ':' && l.symbolHere(spaced):
		return l.symbol(spaced)
	case c == '/' && l.literalHere(spaced):
		return l.fail(l.at, l.at+20, "regular expressions are not supported",
			"compare strings with ==, start_with?, end_with? or include?")
	case strings.HasPrefix(l.code[l.at:], "<<") && l.literalHere(spaced) && l.heredoc():
		return l.fail(l.at, l.at+20, "here documents are not supported", "write a quoted string")
	case c == '?' && !l.prev().endsValue():
		return l.fail(l.at, l.at+2, "character literals are not supported", "write a quoted string")
	}
	return l.operator(spaced)
}

func (l *lexer) heredoc() bool {
	rest := strings.TrimLeft(l.code[l.at+2:], "~-")
	return rest != "" && (rest[0] == '"' || rest[0] == '\'' || unicode.IsUpper(rune(rest[0])))
}

func (l *lexer) word(spaced bool) error {
	start := l.at
	for l.at < len(l.code) {
		r, size := utf8.DecodeRuneInString(l.code[l.at:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		l.at += size
	}
	if l.at == start {
		return l.fail(start, start+1, "unexpected character", "")
	}
	rest := l.code[l.at:]
	if rest != "" && (rest[0] == '?' || rest[0] == '!') && !strings.HasPrefix(rest[1:], "=") {
		l.at++
	}
	text := l.code[start:l.at]
	afterDot := l.prev().is(".") || l.prev().is("&.")
	first, _ := utf8.DecodeRuneInString(text)
	switch rest = l.code[l.at:]; {
	case strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "::") && !l.prev().is("?") && !afterDot && !l.inTernary():
		l.at++
		l.add(tokLabel, text, start, spaced)
	case afterDot:
		l.add(tokIdent, text, start, spaced)
	case isKeyword(text):
		l.add(tokKeyword, text, start, spaced)
	case unicode.IsUpper(first):
		l.add(tokConst, text, start, spaced)
	default:
		l.add(tokIdent, text, start, spaced)
	}
	return nil
}

// inTernary tells that a `?` of this statement still waits for its colon.
func (l *lexer) inTernary() bool {
	open := 0
	for i := len(l.tokens) - 1; i >= 0 && l.tokens[i].kind != tokNewline && i > len(l.tokens)-64; i-- {
		switch t := l.tokens[i]; {
		case t.is("?"):
			open++
		case t.is(":"):
			open--
		}
	}
	return open > 0
}

func operators() []string {
	return []string{
		"...", "<=>", "===", "**=", "||=", "&&=", "<<=", ">>=",
		"**", "=>", "==", "=~", "!=", "!~", "<=", ">=", "&&", "||", "&.", "..", "::", "->",
		"+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<", ">>",
	}
}

func (l *lexer) operator(spaced bool) error {
	start := l.at
	for _, op := range operators() {
		if strings.HasPrefix(l.code[l.at:], op) {
			l.at += len(op)
			l.add(tokOp, op, start, spaced)
			return nil
		}
	}
	c := l.code[l.at]
	l.at++
	switch {
	case c == ';':
		l.add(tokNewline, ";", start, spaced)
	case strings.IndexByte("+-*/%=<>!&|^~?:,.()[]{}", c) >= 0:
		l.add(tokOp, string(c), start, spaced)
	default:
		return l.fail(start, start+1, "unexpected character", "")
	}
	return nil
}
