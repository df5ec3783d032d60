package run_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

var words = []string{
	"", "plain", "two words", "it's", `"`, `\`, `$HOME`, "`id`", "$(id)", "~", "~root", "a=b", "*", "?", "[x]", "{a,b}", "!x", "#x",
	";", "&", "|", "<", ">", "(", ")", "\n", "\t", " ", "''", `'\''`, "-n", "--", "ünï – ok", "\xff\xfe", "%s", "a\nb\n", "\r", "\x01\x1b",
}

// shells are those of this machine that a host might have as login shell.
func shells(t testing.TB) []string {
	var out []string
	for _, s := range []string{"sh", "bash", "dash", "zsh", "busybox"} {
		if p, err := exec.LookPath(s); err == nil {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		t.Fatal("no shell")
	}
	return out
}

// through gives word back from a shell that parsed its quoted form.
func through(t testing.TB, shell, word string) string {
	t.Helper()
	args := []string{"-c", "printf %s " + run.Quote(word)}
	if strings.HasSuffix(shell, "busybox") {
		args = append([]string{"sh"}, args...)
	}
	out, err := exec.Command(shell, args...).Output()
	if err != nil {
		t.Fatalf("%s %q: %v", shell, word, err)
	}
	return string(out)
}

func TestQuote(t *testing.T) {
	for _, shell := range shells(t) {
		for _, w := range words {
			if got := through(t, shell, w); got != w {
				t.Errorf("%s: %q came back as %q", shell, w, got)
			}
		}
	}
}

func TestQuoteReads(t *testing.T) {
	for in, want := range map[string]string{
		"docker": "docker", "/usr/bin/env": "/usr/bin/env", "--format": "--format", "repo:v1.2@sha256:ab": "repo:v1.2@sha256:ab",
		"": "''", "a b": "'a b'", "it's": `'it'\''s'`, "K=v": "'K=v'",
	} {
		if got := run.Quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	if got := run.QuoteAll("sh", "-c", "echo $1", "sh", "x y"); got != "sh -c 'echo $1' sh 'x y'" {
		t.Error(got)
	}
}

func FuzzQuote(f *testing.F) {
	for _, w := range words {
		f.Add(w)
	}
	all := shells(f)
	f.Fuzz(func(t *testing.T, w string) {
		if strings.ContainsRune(w, 0) {
			return // no argument can carry it
		}
		if strings.ContainsAny(run.Quote(w), "\n") && !strings.Contains(w, "\n") {
			t.Errorf("%q gained a line", w)
		}
		for _, shell := range all {
			if got := through(t, shell, w); got != w {
				t.Errorf("%s: %q came back as %q", shell, w, got)
			}
		}
	})
}
