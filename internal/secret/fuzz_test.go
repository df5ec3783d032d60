package secret_test

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// FuzzRedactor splits text with secrets in it at random places: the result is
// that of one write, equals a plain search through the whole text, and has no
// secret in it.
func FuzzRedactor(f *testing.F) {
	f.Add("s3cret", "s3cret-longer", "x s3cret y s3cret-lon", uint64(1))
	f.Add("abcd", "cdef", "abcdefabcdabcd cdefcde", uint64(2))
	f.Add("aaaa", "aaaaaa", "aaaaaaaaaaaaaaabaaaa", uint64(3))
	f.Add("line one long\nline two long", "ffff", "line one long line two long\nline one long\nline two long", uint64(4))
	f.Add("p\xe4ss\xff", "\x00\x00\x00\x00", "\x00\x00\x00\x00\x00p\xe4ss\xff", uint64(5))
	f.Add("0123456789abcdef", "89abcdefgh", "x0123456789abcdefgh0123456789", uint64(6))
	f.Fuzz(func(t *testing.T, s1, s2, text string, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		text = sprinkle(rnd, text, s1, s2)
		r := secret.NewRedactor(s1, s2)
		whole := r.String(text)
		if split := inPieces(t, rnd, r, text); split != whole {
			t.Fatalf("split: %q\nwhole: %q\ntext:  %q", split, whole, text)
		}
		for _, s := range []string{s1, s2} {
			if !stays.MatchString(strings.TrimSpace(s)) && strings.Contains(whole, s) {
				t.Fatalf("%q came through: %q", s, whole)
			}
		}
		if want := search(secret.Forms(s1, s2), text); whole != want {
			t.Fatalf("got  %q\nwant %q\ntext %q", whole, want, text)
		}
	})
}

// stays is what a Redactor leaves: short texts, short numbers, words of JSON; and
// values with asterisks, which a mask beside them may complete.
var stays = regexp.MustCompile(`(?s)^(.{0,3}|[0-9]{4,5}|true|false|null)$|\*`)

// sprinkle puts the secrets, and beginnings of them, into text.
func sprinkle(rnd *rand.Rand, text string, secrets ...string) string {
	var b strings.Builder
	for _, part := range strings.SplitAfter(text, " ") {
		b.WriteString(part)
		s := secrets[rnd.IntN(len(secrets))]
		b.WriteString(s[:rnd.IntN(len(s)+1)])
		if rnd.IntN(2) == 0 {
			b.WriteString(s)
		}
	}
	return b.String()
}

func inPieces(t *testing.T, rnd *rand.Rand, r *secret.Redactor, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := r.Writer(&b)
	for rest := text; rest != ""; {
		n := 1 + rnd.IntN(min(len(rest), 9))
		if _, err := w.Write([]byte(rest[:n])); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// search is the rule written down plainly: the longest pattern at each place
// covers its bytes; overlapping covers are one mask; an end that is eight bytes
// and half of a pattern counts as that pattern.
func search(patterns []string, text string) string {
	var out strings.Builder
	until := 0
	for i := range len(text) {
		n := longest(patterns, text[i:])
		if n > 0 && i >= until {
			out.WriteString(m)
		}
		until = max(until, i+n)
		if i >= until {
			out.WriteByte(text[i])
		}
	}
	return out.String()
}

func longest(patterns []string, at string) (n int) {
	for _, p := range patterns {
		if strings.HasPrefix(at, p) {
			n = max(n, len(p))
		}
		if strings.HasPrefix(p, at) && len(at) >= 8 && 2*len(at) >= len(p) {
			n = max(n, len(at))
		}
	}
	return n
}
