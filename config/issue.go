package config

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// Kind says what sort of mistake an Issue is, in the words of Kamal's messages
// where Kamal has one.
type Kind string

// The kinds. Template and Syntax are failures of ERB and YAML, Own are mistakes
// that Kamal has no words for: it crashes there, or has no such key.
const (
	ConfigurationError Kind = "ConfigurationError"
	ArgumentError      Kind = "ArgumentError"
	RuntimeError       Kind = "RuntimeError"
	TemplateError      Kind = "TemplateError"
	SyntaxError        Kind = "SyntaxError"
	OwnError           Kind = "Error"
	WarningKind        Kind = "Warning"
)

// Issue is one mistake or warning with its place and the line itself.
type Issue struct {
	Kind    Kind
	Pos     Pos
	Path    string // Kamal's key path, "servers/web/hosts/0"; empty at the root
	Message string // Kamal's own text, with the path in front where Kamal has it there
	Line    string // the line of the file, without newline
	Hint    string // what to try, or nearest allowed keys
}

// String gives "file:line:col: message", then the line with a marker under it and
// the hint, each on a line of its own.
func (i Issue) String() string {
	var b strings.Builder
	if i.Pos.File != "" {
		fmt.Fprintf(&b, "%s: ", i.Pos)
	}
	if i.Kind == WarningKind {
		b.WriteString("warning: ")
	}
	b.WriteString(i.Message)
	if i.Line != "" && i.Pos.Line > 0 {
		i.writeLine(&b)
	}
	if i.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", i.Hint)
	}
	return b.String()
}

func (i Issue) writeLine(b *strings.Builder) {
	number := fmt.Sprintf("%5d", i.Pos.Line)
	fmt.Fprintf(b, "\n%s | %s", number, printable(i.Line))
	if i.Pos.Col == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s | %s^", strings.Repeat(" ", len(number)), padding(i.Line, i.Pos.Col-1))
}

// printable shows what a terminal would act on, and bytes that are no text, as
// a mark; a carriage return before the newline is not shown.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.TrimSuffix(line, "\r"))
}

// padding is as wide as the first n characters of line: tabs stay tabs.
func padding(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n == 0 {
			break
		}
		n--
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// Errors are all mistakes of a configuration, sorted by place.
type Errors struct {
	Issues   []Issue
	Warnings []Issue // what was noticed besides

	first Issue
}

// newErrors takes the mistakes in the order in which Kamal looks for them.
func newErrors(found []Issue) *Errors {
	e := &Errors{Issues: append([]Issue(nil), found...), first: found[0]}
	sortIssues(e.Issues)
	return e
}

// First is the mistake that Kamal, which stops at one, would show.
func (e *Errors) First() Issue { return e.first }

// Error gives every mistake, in the form of Issue.String.
func (e *Errors) Error() string {
	lines := make([]string, len(e.Issues))
	for i, issue := range e.Issues {
		lines[i] = issue.String()
	}
	return strings.Join(lines, "\n")
}

func sortIssues(issues []Issue) {
	sort.SliceStable(issues, func(i, j int) bool {
		a, b := issues[i].Pos, issues[j].Pos
		switch {
		case a.File != b.File:
			return a.File < b.File
		case a.Line != b.Line:
			return a.Line < b.Line
		}
		return a.Col < b.Col
	})
}
