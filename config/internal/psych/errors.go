package psych

import "fmt"

// SyntaxError tells that text is not YAML, or YAML that is refused (alias
// cycles, `!ruby/` tags, too large). Pos refers to the file as written.
type SyntaxError struct {
	Pos Pos
	Msg string
}

// Error gives "file:line:col: message".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: %s", e.Pos, e.Msg)
}

// String gives "file:line:col", without the parts that are unknown.
func (p Pos) String() string {
	file := p.File
	if file == "" {
		file = "(yaml)"
	}
	switch {
	case p.Line == 0:
		return file
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", file, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Col)
}
