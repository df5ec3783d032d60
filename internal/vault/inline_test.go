package vault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/internal/vault/adapter"
)

func TestInlineSpellings(t *testing.T) {
	const escaped, plain = `\{\"a\ b\":\"b\ a\"\}`, `{"a b":"b a"}`
	for spelling, want := range map[string]string{
		"kamal": escaped, "  kamal  ": escaped, "hwdeploy": escaped, "./hwdeploy": escaped,
		"bin/kamal": plain, "./kamal": plain, "./bin/kamal": plain, "bundle exec kamal": plain, "bundle  exec  bin/kamal": plain, "/usr/local/bin/kamal": plain,
	} {
		for _, how := range []string{"$ALL", "'$ALL'", "\"$ALL\"", "${ALL}"} {
			in := "ALL=$(" + spelling + " secrets fetch -a test --account me 'a b' )\n" +
				"X=$(" + spelling + " secrets extract 'a b' " + how + ")\n"
			if got := facts(t, options(t, in)); got != "ALL="+want+"\nX=b a\n" {
				t.Errorf("%s, %s: %q", spelling, how, got)
			}
		}
	}
}

func TestInlineFetchOptions(t *testing.T) {
	for in, want := range map[string]string{
		"-a test --account=me A B":                            `{"A":"A","B":"B"}`,
		"A --adapter test --from f --account me B":            `{"f/A":"A/f","f/B":"B/f"}`,
		"--adapter=Test --account me -d stage -p A":           `{"A":"A"}`,
		"-a test --account me -- -A":                          `{"-A":"A-"}`,
		"-a test --account me A | tr A B":                     `{"A":"A","|":"|","tr":"rt","B":"B"}`,
		"-a test --account me LPARENé€😀RPAREN \\<\\&\\> \"\"": `{"LPARENé€😀RPAREN":")😀€é(","<&>":">&<","":""}`,
		"-a test --account me":                                `{}`,
	} {
		got := facts(t, options(t, "WORDS='"+in+"'\nX=$(kamal secrets fetch $WORDS)"))
		_, got, _ = strings.Cut(got, "\nX=")
		if got = unescape(strings.TrimSuffix(got, "\n")); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// unescape undoes backslashes as a shell does.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func TestInlineErrors(t *testing.T) {
	for in, want := range map[string]string{
		"kamal secrets fetch A":                                              "No value provided for required options '--adapter'",
		"kamal secrets fetch -a test A":                                      "No value provided for required options '--account'",
		"kamal secrets fetch -a test A --account":                            "No value provided for option '--account'",
		"kamal secrets fetch -a nope A":                                      "Unknown secrets adapter: nope",
		"kamal secrets fetch -a test --sort A":                               "unknown option --sort",
		"kamal secrets fetch -a test 'A":                                     "unmatched quote",
		"kamal secrets print ":                                               "secrets print can't be used inside a secrets file",
		"kamal secrets list ":                                                "secrets list: no such command",
		"kamal secrets extract A":                                            "needs a name and the JSON",
		"kamal secrets extract A top-secret":                                 "the second argument is not JSON",
		"kamal secrets extract A [1]":                                        "no JSON object",
		"kamal secrets extract A {\\\"A\\\":\\\"x":                           "the second argument is not JSON: unexpected end",
		`kamal secrets extract A '{"A":1}'`:                                  "the value is a number, not text",
		`kamal secrets extract A '{"A":true}'`:                               "the value is true or false, not text",
		`kamal secrets extract A '{"A":{"top":"secret"}}'`:                   "the value is an object, not text",
		`kamal secrets extract A '{"A":null,"x/A":null,"y/A":"top-secret"}'`: "Could not find secret A",
	} {
		_, err := vault.New(options(t, "S=1\nX=\"$("+strings.ReplaceAll(in, `"`, `\"`)+")\"")).All(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), ".kamal/secrets:2: X: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "top-secret") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestExtract(t *testing.T) {
	for _, c := range []struct{ name, json, want string }{
		{"A", `{"x/A":"1","A":"2"}`, "2"},
		{"A", `{"x/A":"1","y/A":"2"}`, "1"},
		{"A", `{"A":null,"x/A":"1"}`, "1"},
		{"A", `{"A":false,"x/A":false}`, "false"},
		{"A", `{"xA":"1","b/A":""}`, ""},
		{"A", `{"A":"$x\n\"é\u00e9"}`, "$x\n\"éé"},
		{"A", `{"A":1.50}`, "1.5"},
		{"A", `{"A":{"b":[1]}}`, `{"b":[1]}`},
		{"b/A", `{"a/b/A":"1"}`, "1"},
	} {
		if got, err := vault.Extract(c.name, c.json); got != c.want || err != nil {
			t.Errorf("%s of %s: %q, %v", c.name, c.json, got, err)
		}
	}
	for _, json := range []string{`{}`, `{"A":null}`, `{"A":false}`, `{"BA":"1"}`} {
		if _, err := vault.Extract("A", json); err == nil || err.Error() != "Could not find secret A" {
			t.Errorf("%s: %v", json, err)
		}
	}
}

// TestRoundTrip: what the test adapter reverses comes back through the file,
// whatever bytes it has.
func TestRoundTrip(t *testing.T) {
	for _, name := range []string{
		"$HOME", "a$b${c}", "it's", `"q"`, `back\slash\`, "tab\tand  blanks", "ünïcode😀", "`id`", "#x", "a|b;c&d>e", "*?[x]{y}", "(a)", "(", "))",
		"a=b", "\u2028<&>", `\n`, "~!%^",
	} {
		word := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`).Replace(adapter.Escape(name))
		got := facts(t, options(t, `N="`+word+`"`+"\nALL=$(kamal secrets fetch -a test --account me $N)\n"+
			"X=$(kamal secrets extract $N $ALL)\nPLAIN=$(./kamal secrets fetch -a test --account me $N)\nY=$(./kamal secrets extract $N $PLAIN)\n"))
		if want := "\nX=" + reverse(name) + "\n"; !strings.Contains(got, want) {
			t.Errorf("%q: %s", name, got)
		}
		if want := "\nY=" + reverse(name) + "\n"; !strings.Contains(got, want) {
			t.Errorf("%q: %s", name, got)
		}
	}
}

func reverse(s string) string {
	var out string
	for _, r := range s {
		out = string(r) + out
	}
	return out
}

func TestFetchFunction(t *testing.T) {
	v := vault.New(vault.Options{Dir: t.TempDir(), Runner: run.Local{}})
	if _, err := v.Fetch(t.Context(), vault.FetchOptions{Adapter: "test"}); !errors.Is(err, vault.ErrNeedsAccount) {
		t.Errorf("got %v", err)
	}
	var usage *vault.UsageError
	if _, err := v.Fetch(t.Context(), vault.FetchOptions{}); !errors.As(err, &usage) {
		t.Errorf("got %v", err)
	}
}
