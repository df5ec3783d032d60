package run

import "strings"

// Quote makes one word of s for any POSIX shell, whatever bytes it has (but NUL,
// which no argument can carry). Words of plain characters stay as they are, so
// that lines remain readable.
func Quote(s string) string {
	if s != "" && strings.IndexFunc(s, special) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// QuoteAll quotes each word and joins them with spaces.
func QuoteAll(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, " ")
}

// special tells whether r has a meaning for some shell, at the start of a word
// or inside it. '~' and '=' are in: `~/x` expands, and `a=b` may be an assignment.
func special(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("_-./:,@+%", r)
}
