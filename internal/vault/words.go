package vault

import (
	"errors"
	"strings"
)

var errUnmatchedQuote = errors.New("unmatched quote")

// words splits text as a shell would, but knows only blanks, quotes and
// backslashes: everything else is part of a word. It follows Ruby's
// Shellwords.split (https://docs.ruby-lang.org/en/3.4/Shellwords.html).
func words(text string) (all []string, err error) {
	for text = trimBlanks(text); text != ""; {
		var word string
		if word, text, err = cutWord(text); err != nil {
			return nil, err
		}
		all = append(all, word)
	}
	return all, nil
}

// cutWord takes the word at the beginning of text, and the blanks after it.
func cutWord(text string) (first, rest string, err error) {
	var word strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.IndexByte(blanks, c) >= 0:
			return word.String(), trimBlanks(text[i:]), nil
		case c == '\'' || c == '"':
			n, ok := quoted(&word, text[i+1:], c)
			if !ok {
				return "", "", errUnmatchedQuote
			}
			i += n
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		default:
			word.WriteByte(c)
		}
	}
	return word.String(), "", nil
}

const blanks = " \t\n\v\f\r"

func trimBlanks(s string) string { return strings.TrimLeft(s, blanks) }

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
