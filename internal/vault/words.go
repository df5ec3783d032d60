package vault

import (
	"errors"
	"strings"
)

var errUnmatchedQuote = errors.New("unmatched quote")

// words splits text as a shell would, but knows only blanks, quotes and
// backslashes: everything else is part of a word. It follows Ruby's
// Shellwords.split (https://docs.ruby-lang.org/en/3.4/Shellwords.html).
func words(text string) ([]string, error) {
	var all []string
	var word strings.Builder
	in := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.IndexByte(" \t\n\v\f\r", c) >= 0:
			if in {
				all = append(all, word.String())
				word.Reset()
			}
			in = false
			continue
		case c == '\'' || c == '"':
			n, ok := quoted(&word, text[i+1:], c)
			if !ok {
				return nil, errUnmatchedQuote
			}
			i += n
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		default:
			word.WriteByte(c)
		}
		in = true
	}
	if in {
		all = append(all, word.String())
	}
	return all, nil
}

// quoted adds what stands before the closing quote, and gives the length of all
// that it took.
func quoted(word *strings.Builder, text string, quote byte) (int, bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == quote {
			return i + 1, true
		}
		if c == '\\' && quote == '"' && i+1 < len(text) {
			i++
			if strings.IndexByte("$`\"\\\n", text[i]) < 0 {
				word.WriteByte(c)
			}
			c = text[i]
		}
		word.WriteByte(c)
	}
	return 0, false
}
