package adapter

import (
	"fmt"
	"regexp"
	"strings"
)

// Escape makes one word of s for a shell: a backslash before everything that
// could mean something, two quotes for nothing. It writes what Ruby's
// Shellwords.escape writes.
func Escape(s string) string {
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString("'\n'")
			continue
		case r >= 0x80, !strings.ContainsRune(plain, r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:+/@"

// escapeAll escapes each word and joins them with blanks.
func escapeAll(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = Escape(w)
	}
	return strings.Join(all, " ")
}

// hostVariable is what double leaves for the shell to replace.
var hostVariable = regexp.MustCompile(`\$\{[^}]*\}`)

// double quotes s as Kamal quotes option values: stretches of ASCII between
// double quotes with Ruby's escapes, the rest bare. `${NAME}` stays for the
// shell.
func double(s string) string {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 })
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			b.WriteString(`"` + doubleASCII(s[:n]) + `"`)
		}
		s = s[n:]
		n = strings.IndexFunc(s, func(r rune) bool { return r < 0x80 })
		if n < 0 {
			n = len(s)
		}
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String()
}

func doubleASCII(s string) string {
	var b strings.Builder
	variables := hostVariable.FindAllStringIndex(s, -1)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if len(variables) > 0 && variables[0][1] <= i {
			variables = variables[1:]
		}
		if c == '$' && (len(variables) == 0 || variables[0][0] != i) {
			b.WriteString(`\$`)
			continue
		}
		if c == '#' && i+1 < len(s) && strings.IndexByte("{$@", s[i+1]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteString(escapeByte(c))
	}
	return b.String()
}

func escapeByte(c byte) string {
	const from, to = "\n\t\r\f\v\a\b\x1b\"\\`", "ntrfvabe\"\\`"
	if i := strings.IndexByte(from, c); i >= 0 {
		return `\` + to[i:i+1]
	}
	if c < 0x20 || c == 0x7f {
		return fmt.Sprintf(`\x%02X`, c)
	}
	return string(rune(c))
}

// list writes words as Ruby shows an array: ["a", "b"].
func list(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = inspect(w)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// inspect writes one word as Ruby shows it.
func inspect(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '#' && i+1 < len(s) && strings.IndexByte("{$@", s[i+1]) >= 0:
			b.WriteString(`\#`)
		case r < 0x80 && r != '`':
			b.WriteString(escapeByte(byte(r)))
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

// parts splits a name at slashes, as Ruby's split does: nothing empty at the end.
func parts(name string) []string {
	return strings.Split(strings.TrimRight(name, "/"), "/")
}
