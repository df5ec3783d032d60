package erb

type tokenKind int

const (
	tokEOF     tokenKind = iota
	tokNewline           // end of a line, or ;
	tokIdent
	tokConst
	tokKeyword
	tokInt
	tokFloat
	tokString  // with parts
	tokCommand // `…` or %x(…), with parts
	tokSymbol  // with parts
	tokWords   // %w[…], with words
	tokLabel   // name: in arguments
	tokOp
	tokTag // a literal text or a <%= tag between two code tags
)

// token is a piece of code. Offsets are in the template.
type token struct {
	kind       tokenKind
	text       string
	parts      []part
	words      []string
	seg        int // index of the segment
	start, end int
	spaced     bool // white space stands before it
}

// part of a string: literal text, or the tokens of an interpolation.
type part struct {
	text   string
	tokens []token
	start  int
	end    int
}

func (t token) is(text string) bool {
	return (t.kind == tokOp || t.kind == tokKeyword) && t.text == text
}

// endsValue tells that an operand may end with the token, so that what follows
// is an operator rather than the start of a literal.
func (t token) endsValue() bool {
	switch t.kind {
	case tokEOF, tokNewline, tokLabel, tokTag:
		return false
	case tokOp:
		return t.text == ")" || t.text == "]" || t.text == "}"
	case tokKeyword:
		return t.text == "end" || t.text == "true" || t.text == "false" || t.text == "nil" || t.text == "self"
	case tokIdent, tokConst, tokInt, tokFloat, tokString, tokCommand, tokSymbol, tokWords:
	}
	return true
}

func isKeyword(word string) bool {
	switch word {
	case "if", "elsif", "else", "unless", "end", "then", "do", "true", "false", "nil",
		"and", "or", "not", "self", "case", "when", "while", "until", "for", "in", "def",
		"class", "module", "begin", "rescue", "ensure", "return", "yield", "super", "next",
		"break", "redo", "retry", "defined?", "alias", "undef", "BEGIN", "END",
		"__FILE__", "__LINE__", "__dir__":
		return true
	}
	return false
}
