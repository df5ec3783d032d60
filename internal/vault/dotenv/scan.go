package dotenv

import "strings"

// line is one entry as it stands in the text.
type line struct {
	name, value string
	hasValue    bool
	export      bool
	text        string // all that belongs to it, blanks and comment included
	number      int
	start, end  int // of text
}

// scan finds the entries. It takes the same decisions as Ruby's pattern, which
// starts at the beginning of a line, may run over line breaks, and falls back
// from a quoted value to an unquoted one when text follows the quote.
func scan(s string) []line {
	var found []line
	number, counted := 1, 0
	for pos := 0; pos < len(s); {
		if pos > 0 && s[pos-1] != '\n' {
			pos = nextLine(s, pos)
			continue
		}
		l, key, end := matchLine(s, pos)
		if end < 0 {
			pos = nextLine(s, pos)
			continue
		}
		number += strings.Count(s[counted:key], "\n")
		counted = key
		l.text, l.number, l.start, l.end = s[pos:end], number, pos, end
		found = append(found, l)
		pos = end
	}
	return found
}

// leftOver gives the numbers of the lines that belong to no entry, though they
// are neither blank nor comments.
func leftOver(s string, found []line) (numbers []int) {
	at, number := 0, 1
	for _, l := range append(found, line{start: len(s), end: len(s)}) {
		for _, text := range strings.SplitAfter(s[at:l.start], "\n") {
			if t := strings.TrimSpace(text); t != "" && t[0] != '#' {
				numbers = append(numbers, number)
			}
			number += strings.Count(text, "\n")
		}
		number += strings.Count(s[l.start:l.end], "\n")
		at = l.end
	}
	return numbers
}

func nextLine(s string, pos int) int {
	if i := strings.IndexByte(s[pos:], '\n'); i >= 0 {
		return pos + i + 1
	}
	return len(s)
}

// matchLine matches an entry whose leading blanks begin at pos; key is where its
// first word begins, end is after it, -1 when there is none.
func matchLine(s string, pos int) (l line, key, end int) {
	key = blanks(s, pos)
	if strings.HasPrefix(s[key:], "export") {
		if k := blanks(s, key+6); k > key+6 {
			if l, end = matchEntry(s, k); end >= 0 {
				l.export = true
				return l, key, end
			}
		}
	}
	l, end = matchEntry(s, key)
	return l, key, end
}

// matchEntry matches name, separator, value, comment and the end of the line.
func matchEntry(s string, key int) (line, int) {
	i := key
	for i < len(s) && isName(s[i]) {
		i++
	}
	if i == key {
		return line{}, -1
	}
	l := line{name: s[key:i]}
	if eq := blanks(s, i); eq < len(s) && s[eq] == '=' {
		return l.matchValue(s, eq+1)
	}
	if i+1 < len(s) && s[i] == ':' && isBlank(s[i+1]) {
		return l.matchValue(s, i+2)
	}
	return l, rest(s, i)
}

// matchValue always finds something: quoted text, unquoted text, or nothing.
func (l line) matchValue(s string, pos int) (line, int) {
	if q := blanks(s, pos); q < len(s) && (s[q] == '\'' || s[q] == '"') {
		for _, c := range closings(s, q) {
			if end := rest(s, c+1); end >= 0 {
				l.value, l.hasValue = s[pos:c+1], true
				return l, end
			}
		}
	}
	end := len(s)
	if i := strings.IndexAny(s[pos:], "#\n"); i >= 0 {
		end = pos + i
	}
	if end > pos {
		l.value, l.hasValue = s[pos:end], true
	}
	return l, rest(s, end)
}

// closings gives the places where the quote at open may end, in the order of
// preference: the first quote without a backslash before it, then those with
// one, the last first.
func closings(s string, open int) []int {
	var plain, escaped []int
	for i := open + 1; i < len(s); i++ {
		if s[i] != s[open] {
			continue
		}
		if i-1 == open || s[i-1] != '\\' {
			plain = append(plain, i)
			break
		}
		escaped = append(escaped, i)
	}
	for i := len(escaped) - 1; i >= 0; i-- {
		plain = append(plain, escaped[i])
	}
	return plain
}

// rest matches blanks, a comment and the end of a line; it gives the end of what
// it took, or -1. The blanks may span lines, so that a comment below belongs to
// the entry above.
func rest(s string, pos int) int {
	i := blanks(s, pos)
	switch {
	case i == len(s):
		return i
	case s[i] == '#':
		if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
			return i + n
		}
		return len(s)
	}
	if n := strings.LastIndexByte(s[pos:i], '\n'); n >= 0 {
		return pos + n
	}
	return -1
}

func blanks(s string, i int) int {
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isName(c byte) bool { return isWord(c) || c == '.' }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
