package config

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/warmlyyours/hwdeploy/config/internal/erb"
	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// report gathers mistakes, in Kamal's order of looking, and warnings.
type report struct {
	lines    map[string][]string // by file
	hidden   map[lineKey][]Value
	mistakes []Issue
	warnings []Issue
	seen     map[string]bool
}

type lineKey struct {
	file string
	line int
}

func newReport() *report {
	return &report{lines: map[string][]string{}, hidden: map[lineKey][]Value{}, seen: map[string]bool{}}
}

func (r *report) addSource(name, text string) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff")
	r.lines[name] = strings.Split(text, "\n")
}

// hide keeps a secret that is written in the file itself out of the lines shown.
func (r *report) hide(n Value) {
	if n == nil || n.Raw == "" {
		return
	}
	k := lineKey{n.Pos.File, n.Pos.Line}
	r.hidden[k] = append(r.hidden[k], n)
}

func (r *report) fail(i Issue) {
	if i.Kind == "" {
		i.Kind = ConfigurationError
	}
	r.mistakes = r.add(r.mistakes, i)
}

func (r *report) warn(i Issue) {
	i.Kind = WarningKind
	r.warnings = r.add(r.warnings, i)
}

func (r *report) add(list []Issue, i Issue) []Issue {
	key := i.Pos.String() + "\x00" + i.Message
	if r.seen[key] {
		return list
	}
	r.seen[key] = true
	return append(list, i)
}

// failWith takes the places out of the errors of the template and YAML readers.
func (r *report) failWith(kind Kind, at Pos, err error) {
	var many erb.Errors
	var one *erb.Error
	var syntax *psych.SyntaxError
	switch {
	case errors.As(err, &many):
		for _, e := range many {
			r.failTemplate(kind, e)
		}
	case errors.As(err, &one):
		r.failTemplate(kind, one)
	case errors.As(err, &syntax):
		r.fail(Issue{Kind: kind, Pos: syntax.Pos, Message: syntax.Msg})
	default:
		r.fail(Issue{Kind: kind, Pos: at, Message: err.Error()})
	}
}

func (r *report) failTemplate(kind Kind, e *erb.Error) {
	message := e.Msg
	if e.Expr != "" {
		message += ": " + e.Expr
	}
	r.fail(Issue{Kind: kind, Pos: e.Pos, Message: message, Hint: e.Rewrite})
}

// broken tells whether a mistake was found at path or below it.
func (r *report) broken(path string) bool {
	for _, i := range r.mistakes {
		if i.Path == path || strings.HasPrefix(i.Path, path+"/") {
			return true
		}
	}
	return false
}

// err gives all mistakes, nil when there are none.
func (r *report) err() error {
	if len(r.mistakes) == 0 {
		return nil
	}
	r.fillLines(r.mistakes)
	r.fillLines(r.warnings)
	e := newErrors(r.mistakes)
	e.Warnings = append(e.Warnings, r.warnings...)
	sortIssues(e.Warnings)
	return e
}

func (r *report) fillLines(issues []Issue) {
	for n := range issues {
		issues[n].Line = r.line(issues[n].Pos)
	}
}

func (r *report) line(p Pos) string {
	lines := r.lines[p.File]
	if p.Line < 1 || p.Line > len(lines) {
		return ""
	}
	line := lines[p.Line-1]
	for _, n := range r.hidden[lineKey{p.File, p.Line}] {
		line = masked(line, n)
	}
	return line
}

// masked puts asterisks in the place of a value. One that is written otherwise
// than it reads (escapes in quotes, over several lines) takes the rest of the line
// with it; of a template only the tag stands there.
func masked(line string, n Value) string {
	stars := func(s string) string { return strings.Repeat("*", utf8.RuneCountInString(s)) }
	if strings.Contains(line, n.Raw) {
		return strings.ReplaceAll(line, n.Raw, stars(n.Raw))
	}
	runes := []rune(line)
	at := min(max(0, n.Pos.Col-1), len(runes))
	if strings.HasPrefix(string(runes[at:]), "<%") {
		return line
	}
	return string(runes[:at]) + stars(string(runes[at:]))
}
