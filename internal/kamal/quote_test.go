package kamal

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"":                 ``,
		"  ":               `"  "`,
		"two words":        `"two words"`,
		"$X ${X} ${X $(x)": `"\$X ${X} \${X \$(x)"`,
		"${}":              `"${}"`,
		"${ä}":             `"\${"ä"}"`,
		"$${X}":            `"\$${X}"`,
		"#{x} #$y #@z #a":  `"\#{x} \#\$y \#@z #a"`,
		"`id`":             "\"\\`id\\`\"",
		"größe $x":         `"gr"öß"e \$x"`,
		"日本":               "日本",
		"a\nb\tc":          `"a\nb\tc"`,
		"\x1b\x00\x7f\a":   `"\e\x00\x7F\a"`,
		`\"`:               `"\\\""`,
		"!*?~'":            `"!*?~'"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

// shellText is what a shell makes of a quoted value: the escapes of Ruby that it
// does not know stay two characters.
func shellText(text string) string {
	var out strings.Builder
	for run := range asciiRuns(text) {
		if run[0] >= utf8.RuneSelf {
			out.WriteString(run)
			continue
		}
		for i := range len(run) {
			switch c := run[i]; {
			case c == '\\':
				out.WriteByte(c)
			case c == '#' && i+1 < len(run) && strings.IndexByte("{$@", run[i+1]) >= 0:
				out.WriteString(`\#`)
			default:
				out.WriteString(escape(c))
			}
		}
	}
	return out.String()
}

func throughShell(t *testing.T, word string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/bin/sh", "-c", "printf %s "+word).CombinedOutput()
	if err != nil {
		t.Fatalf("printf %%s %s: %v: %s", word, err, out)
	}
	return string(out)
}

func FuzzQuoteThroughShell(f *testing.F) {
	for _, s := range []string{"plain", "a'b\"c", "$HOME `id` $(id) \\", "#{x} #$y", "a\nb\tc\x1b\x00\x7f", "naïve – ✓ ok", "! * ? ~ & | ; < >", `C:\temp\new`, "$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "${") || !utf8.ValidString(s) || s == "" {
			return // the host's shell expands ${…}
		}
		if got, want := throughShell(t, Quote(s)), shellText(s); got != want {
			t.Errorf("%q: %s became %q, want %q", s, Quote(s), got, want)
		}
	})
}

func FuzzShellEscapeThroughShell(f *testing.F) {
	for _, s := range []string{"", "a b", `{"a":"b c"}`, "é$(x)", "a\nb", "'\"\\", "~/x", "-n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
			return // no argument can hold NUL
		}
		if got := throughShell(t, ShellEscape(s)); got != s {
			t.Errorf("%q: %s became %q", s, ShellEscape(s), got)
		}
	})
}

func TestEnvFile(t *testing.T) {
	if got := string(EnvFile(nil)); got != "\n" {
		t.Errorf("no variables: %q", got)
	}
	for in, want := range map[string]string{
		"p@ss w0rd ":  "K=p@ss w0rd \n",
		`say "hi"`:    "K=say \"hi\"\n",
		"a\nb":        `K=a\nb` + "\n",
		`a\b`:         `K=a\\b` + "\n",
		`\#x`:         `K=\#x` + "\n",
		`\\#x`:        `K=\\\#x` + "\n",
		`\#{x}`:       `K=\\#{x}` + "\n",
		`\"`:          `K=\\"` + "\n",
		"#{x} #$y $Z": "K=#{x} #$y $Z\n",
		"日本\n語":       "K=日本\\n語\n",
		"\x1b\x00":    `K=\e\x00` + "\n",
	} {
		if got := string(EnvFile([]EnvVar{{"K", in}})); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := string(EnvFile([]EnvVar{{"A", "1"}, {"B", ""}})); got != "A=1\nB=\n" {
		t.Errorf("two variables: %q", got)
	}
}

// A value stays on its line and keeps every byte, but for the known ambiguity of
// a backslash before "#".
func FuzzEnvFile(f *testing.F) {
	for _, s := range []string{"plain", "a\nb", `\n`, `\\"#{`, "\x00\x1b\x7f", "naïve\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := string(EnvFile([]EnvVar{{"K", s}}))
		line, rest, _ := strings.Cut(text, "\n")
		if rest != "" || !strings.HasPrefix(line, "K=") {
			t.Fatalf("%q gives %q", s, text)
		}
		if strings.Contains(s, `\#`) {
			return
		}
		if got := unescape(line[2:]); got != s {
			t.Errorf("%q was written as %q, which reads %q", s, line, got)
		}
	})
}

func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		i++
		if k := strings.IndexByte(`\ntrfvabe`, text[i]); k >= 0 {
			out.WriteByte("\\\n\t\r\f\v\a\b\x1b"[k])
			continue
		}
		const hex = "0123456789ABCDEF"
		out.WriteByte(byte(strings.IndexByte(hex, text[i+1])<<4 | strings.IndexByte(hex, text[i+2])))
		i += 2
	}
	return out.String()
}
