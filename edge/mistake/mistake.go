// Package mistake is the word for what is wrong in a file of the project: where,
// and what. It knows no kinds of files.
package mistake

import (
	"fmt"
	"strings"
)

// Mistake is one thing that is wrong.
type Mistake struct {
	File string
	Line int // 0 = about the whole file
	Text string
}

// String reads "file:line: text".
func (m Mistake) String() string {
	if m.Line == 0 {
		return m.File + ": " + m.Text
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
}

// List is all that is wrong, in the order of files and lines.
type List []Mistake

// Say adds a mistake.
func (l *List) Say(file string, line int, format string, args ...any) {
	*l = append(*l, Mistake{file, line, fmt.Sprintf(format, args...)})
}

// Error has one line per mistake.
func (l List) Error() string {
	var lines []string
	for _, m := range l {
		lines = append(lines, m.String())
	}
	return strings.Join(lines, "\n")
}

// OrNil is the list as an error; nil when it is empty.
func (l List) OrNil() error {
	if len(l) == 0 {
		return nil
	}
	return l
}
