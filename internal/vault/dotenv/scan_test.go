package dotenv

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// entryPattern says in one expression what scan does by hand. Go's leftmost-first
// matching finds what a backtracking engine finds.
var entryPattern = func() *regexp.Regexp {
	const (
		blank    = `[ \t-\r]`
		single   = blank + `*'(?:\\'|[^'])*'`
		double   = blank + `*"(?:\\"|[^"])*"`
		unquoted = `[^#\n]+`
		value    = `(` + single + `|` + double + `|` + unquoted + `)?`
		before   = `(?:` + blank + `*=` + blank + `*?|:` + blank + `+?)`
	)
	return regexp.MustCompile(`(?m)^` + blank + `*(export` + blank + `+)?([A-Za-z0-9_.]+)(?:` + before + value + `)?` +
		blank + `*(?:#.*)?$`)
}()

func byPattern(s string) (found []line) {
	for _, m := range entryPattern.FindAllStringSubmatchIndex(s, -1) {
		l := line{text: s[m[0]:m[1]], export: m[2] >= 0, name: s[m[4]:m[5]], hasValue: m[6] >= 0, start: m[0], end: m[1]}
		if l.hasValue {
			l.value = s[m[6]:m[7]]
		}
		first := m[4]
		if l.export {
			first = m[2]
		}
		l.number = 1 + strings.Count(s[:first], "\n")
		found = append(found, l)
	}
	return found
}

// FuzzScan compares the scanner with the pattern.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		"", "A=1\n\nB=2", "A\n = 'x'\n#c\nexport\nB:\n\"y\" z\nC='a\\'\n", "A='\\'b'\\' \n'", "export export=1\nexport =2", "A=\"x\" \"y\"\n\n #\nB",
		"A=x\n\n\n  # c\n\n B = 'y' #\n", "\v\fA:\v'x'\f", "A=#\nB=\n\n'\nC='",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\r", "\n")
		got, want := scan(s), byPattern(s)
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("%q\ngot  %+v\nwant %+v", s, got, want)
		}
	})
}
