package erb

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var reNumber = regexp.MustCompile(`^(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][-+]?[0-9]+)?)`)

func (l *lexer) number(spaced bool) error {
	start := l.at
	text := reNumber.FindString(l.code[l.at:])
	l.at += len(text)
	if after, _ := utf8.DecodeRuneInString(l.code[l.at:]); unicode.IsLetter(after) || unicode.IsDigit(after) || strings.HasSuffix(text, "_") {
		return l.fail(start, l.at+1, "malformed number", "")
	}
	kind := tokInt
	if strings.ContainsAny(text, ".eE") && !strings.HasPrefix(strings.ToLower(text), "0x") {
		kind = tokFloat
	}
	l.add(kind, text, start, spaced)
	return nil
}

func (l *lexer) quoted(spaced bool) error {
	start, quote := l.at, l.code[l.at]
	l.at++
	kind := tokString
	if quote == '`' {
		kind = tokCommand
	}
	parts, err := l.body(0, quote, quote != '\'')
	if err != nil {
		return err
	}
	l.add(kind, l.code[start:l.at], start, spaced).parts = parts
	return nil
}

// symbolHere: a colon that starts a symbol rather than ends a ternary's middle.
func (l *lexer) symbolHere(spaced bool) bool {
	next, _ := utf8.DecodeRuneInString(l.code[l.at+1:])
	if next != '_' && next != '"' && next != '\'' && !unicode.IsLetter(next) {
		return false
	}
	p := l.prev()
	return !p.endsValue() || p.kind == tokIdent && spaced && !l.inTernary()
}

func (l *lexer) symbol(spaced bool) error {
	start := l.at
	l.at++
	if q := l.code[l.at]; q == '"' || q == '\'' {
		l.at++
		parts, err := l.body(0, q, q == '"')
		if err != nil {
			return err
		}
		l.add(tokSymbol, l.code[start:l.at], start, spaced).parts = parts
		return nil
	}
	for l.at < len(l.code) {
		r, size := utf8.DecodeRuneInString(l.code[l.at:])
		if r != '_' && r != '?' && r != '!' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		l.at += size
	}
	l.add(tokSymbol, l.code[start:l.at], start, spaced).parts = []part{{text: l.code[start+1 : l.at]}}
	return nil
}

// percent takes %w[…], %x(…), %q(…), %Q(…) and %(…).
func (l *lexer) percent(spaced bool) error {
	start := l.at
	rest := l.code[l.at+1:]
	form := byte('Q')
	if rest != "" && (rest[0] >= 'a' && rest[0] <= 'z' || rest[0] >= 'A' && rest[0] <= 'Z') {
		form = rest[0]
		l.at++
	}
	l.at++
	if l.at >= len(l.code) || strings.IndexByte("wxqQ", form) < 0 || !isDelimiter(l.code[l.at]) {
		return l.fail(start, l.at+1, "this % literal is not supported", `use "…", %w[…] or %x(…)`)
	}
	open := l.code[l.at]
	l.at++
	parts, err := l.body(open, closer(open), form == 'x' || form == 'Q')
	if err != nil {
		return err
	}
	text := l.code[start:l.at]
	switch form {
	case 'w':
		l.add(tokWords, text, start, spaced).words = strings.Fields(literalText(parts))
	case 'x':
		l.add(tokCommand, text, start, spaced).parts = parts
	default:
		l.add(tokString, text, start, spaced).parts = parts
	}
	return nil
}

func isDelimiter(c byte) bool {
	return c > ' ' && c < utf8.RuneSelf && !unicode.IsLetter(rune(c)) && !unicode.IsDigit(rune(c))
}

func closer(open byte) byte {
	switch open {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	}
	return open
}

func literalText(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// body reads the inside of a literal up to its closing mark. open is the opening
// bracket that may nest, or 0; rich turns on escapes and interpolation.
func (l *lexer) body(open, end byte, rich bool) ([]part, error) {
	start, nest := l.at-1, 0
	var parts []part
	var b strings.Builder
	for l.at < len(l.code) {
		c := l.code[l.at]
		switch {
		case c == '\\' && l.at+1 < len(l.code):
			l.at++
			if err := l.escape(&b, open, end, rich); err != nil {
				return nil, err
			}
		case rich && strings.HasPrefix(l.code[l.at:], "#{"):
			parts = append(parts, part{text: b.String()})
			b.Reset()
			p, err := l.interpolation()
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		case c == end && nest == 0:
			l.at++
			return append(parts, part{text: b.String()}), nil
		default:
			if open != end && c == open {
				nest++
			} else if c == end {
				nest--
			}
			b.WriteByte(c)
			l.at++
		}
	}
	return nil, l.fail(start, len(l.code), "literal is never closed", "")
}

func (l *lexer) interpolation() (part, error) {
	start := l.at
	if l.depth >= maxDepth/4 {
		return part{}, l.fail(start, start+2, "interpolations nested too deeply", "")
	}
	inner := &lexer{src: l.src, code: l.code, base: l.base, seg: l.seg, at: l.at + 2, depth: l.depth + 1}
	if err := inner.run(true); err != nil {
		return part{}, err
	}
	l.at = inner.at + 1
	return part{tokens: inner.tokens, start: l.base + start, end: l.base + l.at}, nil
}

// escape reads what follows a backslash.
func (l *lexer) escape(b *strings.Builder, open, end byte, rich bool) error {
	c := l.code[l.at]
	l.at++
	switch {
	case c == end || c == open && open != 0 || c == '\\':
		b.WriteByte(c)
	case !rich:
		b.WriteByte('\\')
		b.WriteByte(c)
	case c == 'u':
		return l.unicodeEscape(b)
	case c == 'x' || c >= '0' && c <= '7' || strings.IndexByte("cCM", c) >= 0:
		return l.fail(l.at-2, l.at+2, "this escape is not supported", `use \u{…}`)
	case c == '\n':
	default:
		if at := strings.IndexByte("abefnrstv", c); at >= 0 {
			c = "\a\b\x1b\f\n\r \t\v"[at]
		}
		b.WriteByte(c)
	}
	return nil
}

var reUnicode = regexp.MustCompile(`^(?:\{\s*([0-9a-fA-F]{1,6})\s*\}|([0-9a-fA-F]{4}))`)

func (l *lexer) unicodeEscape(b *strings.Builder) error {
	m := reUnicode.FindStringSubmatch(l.code[l.at:])
	if m == nil {
		return l.fail(l.at-2, l.at+4, "invalid Unicode escape", "")
	}
	v, err := strconv.ParseUint(m[1]+m[2], 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) {
		return l.fail(l.at-2, l.at+len(m[0]), "invalid Unicode escape", "")
	}
	l.at += len(m[0])
	b.WriteRune(rune(v))
	return nil
}
