package dotenv_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/warmlyyours/hwdeploy/internal/vault/dotenv"
)

// FuzzDotenv reads any text. It must not crash, must give the same twice, must
// name only what stands in the text, in order; and what quote() wrote comes back.
func FuzzDotenv(f *testing.F) {
	for _, s := range []string{
		"A=1\nexport B='x\ny' # c\nC: \"$A $(echo ${B}) \\$A\"\n", "A='\\'\nB=\"\\\"", "export\nA\n= 1", "A=$($(((\\)", "A=\xff",
		"DOTENV_LINEBREAK_MODE=legacy\nA=\"\\n\\r\\\\n\"", "A=\\$(x $(y)) ${", "\ufeffA=1\r\nB=2\r", "A=\x00\x0b\x0c", "A:\nB",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := dotenv.Parse(text, options())
		again, err2 := dotenv.Parse(text, options())
		if fmt.Sprint(got, err) != fmt.Sprint(again, err2) {
			t.Fatalf("twice: %v %v, then %v %v", got, err, again, err2)
		}
		if err == nil {
			names(t, text, got)
		}
		roundTrip(t, text)
	})
}

func names(t *testing.T, text string, got []dotenv.Entry) {
	t.Helper()
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(text, "\ufeff"))
	seen := map[string]bool{}
	for _, e := range got {
		if !strings.Contains(text, e.Name) || seen[e.Name] {
			t.Fatalf("entry %q is not in the text, or twice: %+v", e.Name, got)
		}
		if !utf8.ValidString(e.Value) || e.Line < 1 || e.Line > 1+strings.Count(text, "\n") {
			t.Fatalf("bad entry %+v", e)
		}
		seen[e.Name] = true
	}
}

// roundTrip writes value as a person would, in single and in double quotes.
func roundTrip(t *testing.T, value string) {
	t.Helper()
	value = strings.ReplaceAll(value, "\r", "")
	if !utf8.ValidString(value) {
		return
	}
	if !strings.Contains(value, "'") && !strings.HasSuffix(value, `\`) {
		expect(t, "'"+value+"'", value)
	}
	if !strings.ContainsAny(value, `\"$`) {
		expect(t, `"`+value+`"`, value)
	}
	plain := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	if !strings.Contains(value, `\`) && !strings.Contains(value, `$`) {
		expect(t, `"`+plain+`"`, value)
	}
}

func expect(t *testing.T, written, value string) {
	t.Helper()
	got, err := dotenv.Parse("BEFORE=1\nV="+written+" # c\nAFTER=2", dotenv.Options{})
	if err != nil || len(got) != 3 || got[1].Value != value || got[2].Value != "2" {
		t.Fatalf("%q: got %+v, %v", written, got, err)
	}
}
