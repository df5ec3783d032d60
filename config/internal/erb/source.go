package erb

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// source is the template with an index of its lines.
type source struct {
	file  string
	text  string
	lines []int // offset of the start of each line
}

func newSource(file, text string) *source {
	return &source{file: file, text: text, lines: lineStarts(text)}
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// pos gives the place of a byte offset.
func (s *source) pos(offset int) psych.Pos {
	offset = min(offset, len(s.text))
	line := sort.SearchInts(s.lines, offset+1) - 1
	col := utf8.RuneCountInString(s.text[s.lines[line]:offset])
	if line == 0 && strings.HasPrefix(s.text[:offset], "\ufeff") {
		col-- // a byte order mark is no column
	}
	return psych.Pos{File: s.file, Line: line + 1, Col: col + 1}
}

// lineStart gives the offset at which the line of offset begins.
func (s *source) lineStart(offset int) int {
	return s.lines[sort.SearchInts(s.lines, offset+1)-1]
}

// errorAt makes a refusal of the text between two offsets.
func (s *source) errorAt(start, end int, msg string) *Error {
	end = max(min(end, len(s.text)), start)
	return &Error{Pos: s.pos(start), Expr: shorten(s.text[start:end]), Msg: msg}
}
