package erb

import (
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// Error tells that a tag can't be rendered. Msg says why; Expr is the
// expression; Rewrite, if not empty, says what to write instead.
type Error struct {
	Pos     psych.Pos
	Expr    string
	Msg     string
	Rewrite string

	kind errorKind
}

type errorKind int

const (
	refused errorKind = iota // a construct outside the supported ones
	failed                   // Ruby would have raised here too
	limit                    // a bound was exceeded; never passed over
)

// Error gives "file:line:col: message: expression (rewrite)".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Pos, e.Msg)
	if e.Expr != "" {
		fmt.Fprintf(&b, ": %s", e.Expr)
	}
	if e.Rewrite != "" {
		fmt.Fprintf(&b, " (%s)", e.Rewrite)
	}
	return b.String()
}

// Errors are the refused tags of one template, in order.
type Errors []*Error

// Error gives one line for each.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the errors one by one.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

const maxExpr = 120

// shorten makes source text fit a message: one line, not too long.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxExpr {
		return string(r[:maxExpr]) + "…"
	}
	return s
}
