package kamal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote is the value as Kamal writes it for a shell: ASCII runs in double quotes
// with Ruby's escapes, others bare, empty text as nothing at all. "${NAME}" is
// left for the shell to expand, every other "$" is not.
func Quote(text string) string {
	var out strings.Builder
	for run := range asciiRuns(text) {
		if run[0] >= utf8.RuneSelf {
			out.WriteString(run)
			continue
		}
		out.WriteString(quoteASCII(run))
	}
	return out.String()
}

// asciiRuns cuts text into maximal runs of ASCII and of other characters.
func asciiRuns(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for begin := 0; begin < len(text); {
			end := begin + 1
			for end < len(text) && (text[end] < utf8.RuneSelf) == (text[begin] < utf8.RuneSelf) {
				end++
			}
			if !yield(text[begin:end]) {
				return
			}
			begin = end
		}
	}
}

func quoteASCII(run string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i := 0; i < len(run); i++ {
		switch c := run[i]; {
		case c == '$' && opensVariable(run[i:]):
			out.WriteByte('$')
		case c == '$' || c == '`':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c == '"':
			out.WriteString(`\"`)
		case c == '#' && i+1 < len(run) && strings.IndexByte("{$@", run[i+1]) >= 0:
			out.WriteString(`\#`)
		default:
			out.WriteString(escape(c))
		}
	}
	out.WriteByte('"')
	return out.String()
}

// opensVariable tells whether "${" has a "}" later in the same run.
func opensVariable(rest string) bool {
	return strings.HasPrefix(rest, "${") && strings.IndexByte(rest, '}') > 2
}

var escapes = map[byte]string{
	'\\': `\\`, '\n': `\n`, '\t': `\t`, '\r': `\r`, '\f': `\f`, '\v': `\v`, '\a': `\a`, '\b': `\b`, 0x1b: `\e`,
}

// escape is Ruby's form of a character inside a double-quoted string.
func escape(c byte) string {
	if e, ok := escapes[c]; ok {
		return e
	}
	if c < 0x20 || c == 0x7f {
		return fmt.Sprintf(`\x%02X`, c)
	}
	return string(rune(c))
}

// EnvVar is one line of an env file.
type EnvVar struct{ Name, Value string }

// EnvFile is the content of a secret env file. Docker undoes none of its
// escapes: a newline arrives as backslash-n, a backslash doubled. Without
// variables it is a single newline.
func EnvFile(vars []EnvVar) []byte {
	var out strings.Builder
	for _, v := range vars {
		out.WriteString(v.Name + "=" + envValue(v.Value) + "\n")
	}
	if len(vars) == 0 {
		out.WriteByte('\n')
	}
	return []byte(out.String())
}

func envValue(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			out.WriteByte(c)
		case c == '\\' && i+1 < len(text) && text[i+1] == '#':
			out.WriteByte(c) // Ruby's escape of "#" is undone too far
		default:
			out.WriteString(escape(c))
		}
	}
	return out.String()
}
