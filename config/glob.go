package config

import "strings"

// glob matches a whole name as Ruby's File.fnmatch with braces does: `*` crosses
// slashes, a leading dot must be written. See
// https://docs.ruby-lang.org/en/3.4/File.html#method-c-fnmatch.
func glob(pattern, name string) bool {
	for _, p := range braces(pattern, 0) {
		if globRunes([]rune(p), []rune(name)) {
			return true
		}
	}
	return false
}

const maxBraces = 8 // alternatives in alternatives; more are taken literally

// braces writes out the first group of alternatives, and those inside.
func braces(pattern string, depth int) []string {
	open, end := outerBraces(pattern)
	if end < 0 || depth == maxBraces {
		return []string{pattern}
	}
	var out []string
	for _, alternative := range splitOuter(pattern[open+1 : end]) {
		out = append(out, braces(pattern[:open]+alternative+pattern[end+1:], depth+1)...)
	}
	return out
}

func outerBraces(p string) (open, end int) {
	open, depth := -1, 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '{':
			if depth == 0 {
				open = i
			}
			depth++
		case '}':
			if depth--; depth == 0 && open >= 0 {
				return open, i
			}
			depth = max(depth, 0)
		}
	}
	return -1, -1
}

func splitOuter(s string) []string {
	var out []string
	start, depth := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		case s[i] == ',' && depth == 0:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func globRunes(p, name []rune) bool {
	if len(name) > 0 && name[0] == '.' && !strings.HasPrefix(strings.TrimPrefix(string(p), `\`), ".") {
		return false
	}
	star, back := -1, 0
	i, j := 0, 0
	for j < len(name) {
		if i < len(p) && p[i] == '*' {
			star, back = i, j
			i++
			continue
		}
		if n := matchOne(p[min(i, len(p)):], name[j]); n > 0 {
			i, j = i+n, j+1
			continue
		}
		if star < 0 {
			return false
		}
		back++
		i, j = star+1, back
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// matchOne matches one character and tells how much of the pattern that took;
// 0 = no match.
func matchOne(p []rune, r rune) int {
	switch {
	case len(p) == 0:
		return 0
	case p[0] == '?':
		return 1
	case p[0] == '[':
		return matchClass(p, r)
	case p[0] == '\\' && len(p) > 1:
		if p[1] == r {
			return 2
		}
		return 0
	case p[0] == r:
		return 1
	}
	return 0
}

// matchClass matches [abc], [a-z], [!a] and [^a]; a class that is never closed
// matches nothing.
func matchClass(p []rune, r rune) int {
	i, not, ok := 1, false, false
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		not = true
		i++
	}
	for {
		if i >= len(p) {
			return 0
		}
		if p[i] == ']' {
			break
		}
		low, n := classRune(p, i)
		high := low
		i = n
		if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
			high, i = classRune(p, i+1)
		}
		ok = ok || low <= r && r <= high
	}
	if ok == not {
		return 0
	}
	return i + 1
}

func classRune(p []rune, i int) (rune, int) {
	if p[i] == '\\' && i+1 < len(p) {
		i++
	}
	return p[i], i + 1
}
