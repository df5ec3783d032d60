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
		out.WriteString(`"` + escapeDollars(strings.ReplaceAll(dump(run), "`", "\\`")) + `"`)
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

// escapeDollars escapes each "$" but those of "${…}": a brace that is closed
// later in the same run.
func escapeDollars(run string) string {
	var out strings.Builder
	for i := range len(run) {
		if run[i] == '$' && !(strings.HasPrefix(run[i:], "${") && strings.Contains(run[i:], "}")) {
			out.WriteByte('\\')
		}
		out.WriteByte(run[i])
	}
	return out.String()
}

// dump is Ruby's String#dump of ASCII text, without its quotes.
func dump(run string) string {
	var out strings.Builder
	for i := range len(run) {
		switch c := run[i]; {
		case c == '"':
			out.WriteString(`\"`)
		case c == '#' && i+1 < len(run) && strings.IndexByte("{$@", run[i+1]) >= 0:
			out.WriteString(`\#`)
		default:
			out.WriteString(escape(c))
		}
	}
	return out.String()
}

// escape is Ruby's form of a character inside a double-quoted string.
func escape(c byte) string {
	const plain, letters = "\\\n\t\r\f\v\a\b\x1b", `\ntrfvabe`
	if i := strings.IndexByte(plain, c); i >= 0 {
		return `\` + letters[i:i+1]
	}
	if c < 0x20 || c == 0x7f {
		return fmt.Sprintf(`\x%02X`, c)
	}
	return string(rune(c))
}

// inspectText is Ruby's String#inspect: dump with other characters as they are.
func inspectText(text string) string {
	var out strings.Builder
	for run := range asciiRuns(text) {
		if run[0] < utf8.RuneSelf {
			run = dump(run)
		}
		out.WriteString(run)
	}
	return `"` + out.String() + `"`
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

// envValue takes the escapes of quotes and of "#" back, wherever they stand: a
// backslash of the value that comes before a "#" loses its escape with it.
func envValue(text string) string {
	var out strings.Builder
	for run := range asciiRuns(text) {
		if run[0] < utf8.RuneSelf {
			run = strings.ReplaceAll(strings.ReplaceAll(dump(run), `\"`, `"`), `\#`, `#`)
		}
		out.WriteString(run)
	}
	return out.String()
}

// ShellEscape is the word for a shell as Ruby's Shellwords writes it: a backslash
// before all but plain characters, a newline in single quotes.
func ShellEscape(text string) string {
	if text == "" {
		return "''"
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			out.WriteString("'\n'")
			continue
		case !plainRune(r):
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func plainRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	}
	return strings.ContainsRune("_-.,:+/@", r)
}
