package secret

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// escaped gives v in the notations of shells, JSON, URLs, env files and Go.
func escaped(v string) []string {
	q := strconv.Quote(v)
	ascii := strconv.QuoteToASCII(v)
	all := []string{
		q[1 : len(q)-1], ascii[1 : len(ascii)-1],
		strings.ReplaceAll(v, `'`, `'\''`),
		strings.ReplaceAll(v, `'`, `''`), // YAML, SQL
		shellWord(v),
		envFile(v), inDoubleQuotes(envFile(v)),
		jsonText(v, true), jsonText(v, false), jsonASCII(v),
	}
	return append(all, percent(v)...)
}

// shellWord puts a backslash before what a shell might read, as Ruby's
// Shellwords does (https://docs.ruby-lang.org/en/3.4/Shellwords.html).
func shellWord(v string) string {
	var b strings.Builder
	for _, r := range v {
		switch {
		case r == '\n':
			b.WriteString("'\n'")
			continue
		case r > 0x7f, !isAlnum(r) && !strings.ContainsRune("_-.,:+/@", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// envFile writes control characters and backslashes as Kamal's env files do.
func envFile(v string) string {
	named := map[rune]string{
		'\\': `\\`, '\n': `\n`, '\t': `\t`, '\r': `\r`, '\f': `\f`, '\v': `\v`,
		'\a': `\a`, '\b': `\b`, 0x1b: `\e`,
	}
	var b strings.Builder
	for _, r := range v {
		if s, ok := named[r]; ok {
			b.WriteString(s)
		} else if r < 0x20 || r == 0x7f {
			fmt.Fprintf(&b, `\x%02X`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// inDoubleQuotes escapes what is special between double quotes of a shell;
// v is an envFile text, whose backslashes are doubled already.
func inDoubleQuotes(v string) string {
	return strings.NewReplacer(`"`, `\"`, "`", "\\`", "$", `\$`, "#{", `\#{`, "#@", `\#@`).Replace(v)
}

func jsonText(v string, html bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	if err := enc.Encode(v); err != nil {
		return "" // a string always encodes; an empty form is ignored
	}
	s := strings.TrimSuffix(b.String(), "\n")
	return s[1 : len(s)-1]
}

// jsonASCII is JSON with everything beyond ASCII as \uXXXX (Python's default).
func jsonASCII(v string) string {
	var b strings.Builder
	for _, r := range jsonText(v, false) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.String()
}

// percent gives the URL forms: query, path, userinfo, and the strictest one
// (RFC 3986 §2.3: only unreserved characters stay), in both cases of hex digits.
func percent(v string) []string {
	var strict strings.Builder
	for i := range len(v) {
		if c := v[i]; isAlnum(rune(c)) || strings.IndexByte("-_.~", c) >= 0 {
			strict.WriteByte(c)
		} else {
			fmt.Fprintf(&strict, "%%%02X", c)
		}
	}
	user := strings.TrimPrefix(url.UserPassword("", v).String(), ":")
	all := []string{url.QueryEscape(v), url.PathEscape(v), user, strict.String()}
	for _, s := range all[:len(all):len(all)] {
		all = append(all, lowerHex(s))
	}
	return all
}

func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}
