package kamal

import (
	"errors"
	"strings"
)

// SplitWords cuts a line into words as a shell does, without expanding anything.
// Bars, redirections and the like are just words.
func SplitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if strings.IndexByte(" \t\n\r\f\v", c) >= 0 {
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
			continue
		}
		inWord = true
		n, err := splitPart(text[i:], &word)
		if err != nil {
			return nil, err
		}
		i += n - 1
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// splitPart takes one quoted part or one character and gives its length.
func splitPart(rest string, word *strings.Builder) (int, error) {
	switch rest[0] {
	case '\'':
		end := strings.IndexByte(rest[1:], '\'')
		if end < 0 {
			return 0, errors.New("a single quote is not closed")
		}
		word.WriteString(rest[1 : 1+end])
		return end + 2, nil
	case '"':
		return splitDouble(rest, word)
	case '\\':
		if len(rest) > 1 {
			word.WriteByte(rest[1])
			return 2, nil
		}
	}
	word.WriteByte(rest[0])
	return 1, nil
}

// splitDouble: in double quotes a backslash escapes only `$`, backtick, `"`, `\`
// and newline.
func splitDouble(rest string, word *strings.Builder) (int, error) {
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '"':
			return i + 1, nil
		case rest[i] == '\\' && i+1 < len(rest) && strings.IndexByte("$`\"\\\n", rest[i+1]) >= 0:
			i++
			word.WriteByte(rest[i])
		default:
			word.WriteByte(rest[i])
		}
	}
	return 0, errors.New("a double quote is not closed")
}
