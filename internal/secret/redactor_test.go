package secret_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

const m = "********"

func TestRedactorString(t *testing.T) {
	for _, c := range []struct {
		name    string
		secrets []string
		in, out string
	}{
		{"none", nil, "plain", "plain"},
		{"plain", []string{"s3cret"}, "a s3cret b s3crets3cret", "a " + m + " b " + m + m},
		{"longest", []string{"pass", "password"}, "password passport", m + " " + m + "port"},
		{"overlap is one mask", []string{"abcd", "cdef"}, "xabcdefy", "x" + m + "y"},
		{"inside", []string{"abcdefgh", "cdef"}, "abcdefgh cdef abcdefg", m + " " + m + " ab" + m + "g"},
		{"short values stay", []string{"on", "1", "abc", "  x  ", "\n\n\n\n"}, "on 1 abc   x  \n\n\n\n", "on 1 abc   x  \n\n\n\n"},
		{"numbers and JSON stay", []string{"5432", "true", "false ", "null", "12345\n", "123456", "1.50"}, `{"a":true,"b":15432,"c":1234567,"d":1.50}`, `{"a":true,"b":15432,"c":` + m + `7,"d":` + m + `}`},
		{"asterisks stay", []string{"****", "**********"}, "** **********", "** **********"},
		{"trimmed", []string{"topsecret\n"}, "[topsecret]", "[" + m + "]"},
		{"lines", []string{"-----BEGIN KEY-----\nAAAABBBBCCCC\nzz\n-----END KEY-----"},
			"-----BEGIN KEY-----\n> AAAABBBBCCCC\nzz\n-----END KEY-----", "-----BEGIN KEY-----\n> " + m + "\nzz\n-----END KEY-----"},
		{"folded key", []string{`-----BEGIN KEY-----\nAAAABBBBCCCC\n-----END KEY-----`}, "AAAABBBBCCCC", m},
		{"half a secret at the end", []string{"0123456789abcdef"}, "x 0123456789", "x " + m},
		{"less than half", []string{"0123456789abcdef"}, "x 0123456", "x 0123456"},
		{"utf-8", []string{"pässwörd"}, "das pässwörd.", "das " + m + "."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := secret.NewRedactor(c.secrets...).String(c.in); got != c.out {
				t.Errorf("got  %q\nwant %q", got, c.out)
			}
		})
	}
}

// TestEncodings writes secrets as other programs would and finds no trace.
func TestEncodings(t *testing.T) {
	for _, v := range []string{
		"it's \"$HOME\" & <b> #{x} `id` \\n", "line one is long\nline two\tis long\x1b", "päss/wörd+✓=?😀", "simple-token-123",
	} {
		r := secret.NewRedactor(v)
		j, err := json.Marshal(map[string]string{"k": v})
		if err != nil {
			t.Fatal(err)
		}
		for how, text := range map[string]string{
			"raw": v, "json": string(j), "%q": fmt.Sprintf("%q", v), "%+q": fmt.Sprintf("%+q", v),
			"query": url.QueryEscape(v), "path": url.PathEscape(v),
			"userinfo": url.UserPassword("u", v).String(), "lower hex": strings.ToLower(url.QueryEscape("é")) + url.QueryEscape(v),
			"base64": base64.StdEncoding.EncodeToString([]byte(v)), "base64 raw url": base64.RawURLEncoding.EncodeToString([]byte(v)),
			"shell": "'" + strings.ReplaceAll(v, "'", `'\''`) + "'", "yaml": "'" + strings.ReplaceAll(v, "'", "''") + "'",
		} {
			got := r.String(text)
			if !strings.Contains(got, m) {
				t.Errorf("%s of %q is not masked: %q", how, v, got)
			}
			if left := strings.ReplaceAll(got, m, ""); len(left) > 10 && how != "lower hex" {
				t.Errorf("%s of %q leaves %q", how, v, left)
			}
		}
	}
}

// TestWrittenForms has each form as it is written, so that the encodings above
// don't check themselves.
func TestWrittenForms(t *testing.T) {
	const v = "a b$c\n\"d\\e'f\t#{g}é"
	r := secret.NewRedactor(v)
	for how, text := range map[string]string{
		"backslashes":   `a\ b\$c'` + "\n" + `'\"d\\e\'f\` + "\t" + `\#\{g\}\é`,
		"env file":      `a b$c\n"d\\e'f\t#{g}é`,
		"double quotes": `a b\$c\n\"d\\e'f\t\#{g}é`,
		"JSON":          `a b$c\n\"d\\e'f\t#{g}é`, "JSON, ASCII": `a b$c\n\"d\\e'f\t#{g}\u00e9`,
		"query": `a+b%24c%0A%22d%5Ce%27f%09%23%7Bg%7D%C3%A9`, "strict": `a%20b%24c%0a%22d%5ce%27f%09%23%7bg%7d%c3%a9`,
		"base64": "YSBiJGMKImRcZSdmCSN7Z33DqQ==", "YAML": "a b$c\n\"d\\e''f\t#{g}é",
	} {
		if got := r.String("<" + text + ">"); got != "<"+m+">" {
			t.Errorf("%s: %q", how, got)
		}
	}
}

func TestBase64InsideSomethingLonger(t *testing.T) {
	const v = "a-registry-password"
	r := secret.NewRedactor(v)
	for _, before := range []string{"", "u", "us", "use:", "user:"} {
		text := base64.StdEncoding.EncodeToString([]byte(before + v + "-after"))
		got := r.String(text)
		if !strings.Contains(got, m) {
			t.Errorf("after %q: %s is not masked", before, got)
		}
		for _, part := range strings.Split(got, m) {
			for skip := range 4 { // what is left decodes to none of the secret's middle
				b, err := base64.RawStdEncoding.DecodeString(pad4(part, skip))
				if err == nil && strings.Contains(string(b), "registry") {
					t.Errorf("after %q: %q tells %q", before, part, b)
				}
			}
		}
	}
}

func pad4(s string, skip int) string {
	s = strings.TrimRight(s, "=")
	s = s[min(skip, len(s)):]
	return s[:len(s)/4*4]
}

func TestFoldedBase64(t *testing.T) {
	v := strings.Repeat("0123456789", 20)
	text := base64.StdEncoding.EncodeToString([]byte(v))
	for _, n := range []int{64, 76} {
		var b strings.Builder
		for i := 0; i < len(text); i += n {
			b.WriteString(text[i:min(i+n, len(text))] + "\n")
		}
		got := secret.NewRedactor(v).String(b.String())
		if left := strings.Trim(strings.ReplaceAll(got, m, ""), "\n"); left != "" {
			t.Errorf("lines of %d leave %q", n, left)
		}
	}
}

func TestSplitWrites(t *testing.T) {
	const in = "before s3cret-one and s3cret-two after s3cret"
	r := secret.NewRedactor("s3cret-one", "s3cret-two")
	want := r.String(in)
	for size := 1; size <= len(in); size++ {
		var b strings.Builder
		w := r.Writer(&b)
		for rest := in; rest != ""; rest = rest[min(size, len(rest)):] {
			if n, err := w.Write([]byte(rest[:min(size, len(rest))])); err != nil || n != min(size, len(rest)) {
				t.Fatalf("Write = %d, %v", n, err)
			}
			if strings.Contains(b.String(), "s3cret-o") {
				t.Fatalf("size %d: sent too early: %q", size, b.String())
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("size %d: %q, want %q", size, b.String(), want)
		}
	}
}

func TestFlushShowsAPromptAndNoSecret(t *testing.T) {
	var b strings.Builder
	w := secret.NewRedactor("-----BEGIN").Writer(&b)
	write := func(s, want string) {
		t.Helper()
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Fatalf("after %q: %q, want %q", s, b.String(), want)
		}
	}
	write("go on? -", "go on? -")
	write("", "go on? -")
	write("-", "go on? --")
	write("---BEG", "go on? --")              // more than three bytes wait
	write("IN", "go on? --"+m)                // what Flush had shown stays
	write(" ok --x", "go on? --"+m+" ok --x") // more text
	write(" -", "go on? --"+m+" ok --x -")
	write("x", "go on? --"+m+" ok --x -x") // shown bytes are not sent twice
}

func TestAddReachesExistingWriters(t *testing.T) {
	var b strings.Builder
	r := &secret.Redactor{}
	w := r.Writer(&b)
	for _, s := range []string{"late-secret ", "late-secret"} {
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		r.Add("late-secret")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.String() != "late-secret "+m {
		t.Errorf("got %q", b.String())
	}
}

func TestConcurrentUse(t *testing.T) {
	r := secret.NewRedactor("first-secret")
	var sink lockedSink
	w := r.Writer(&sink)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				r.Add(fmt.Sprintf("secret-%d-%d", i, j))
				if _, err := fmt.Fprintf(w, "<first-secret secret-%d-%d>", i, j); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if strings.Contains(sink.b.String(), "secret") {
		t.Error("a secret came through")
	}
}

type lockedSink struct{ b strings.Builder }

func (s *lockedSink) Write(p []byte) (int, error) { return s.b.Write(p) }

type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestErrorsOfTheUnderlyingWriterStay(t *testing.T) {
	w := secret.NewRedactor("s3cret").Writer(brokenPipe{})
	if _, err := w.Write([]byte("text")); !errors.Is(err, errPipe) {
		t.Errorf("Write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, errPipe) {
		t.Errorf("Close: %v", err)
	}
}

func BenchmarkWriter(b *testing.B) {
	var secrets []string
	for i := range 60 {
		secrets = append(secrets, fmt.Sprintf("secret-%d-%x", i, i*7919*104729))
	}
	w := secret.NewRedactor(append(secrets, strings.Repeat("0123456789abcdef\n", 100))...).Writer(io.Discard)
	line := []byte(strings.Repeat("2026-01-01T00:00:00Z web: GET /path?x=1 took 12 ms; ", 20) + secrets[3] + "\n")
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := w.Write(line); err != nil {
			b.Fatal(err)
		}
	}
}
