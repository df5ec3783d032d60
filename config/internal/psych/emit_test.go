package psych

import (
	"strings"
	"testing"
)

// The output that Kamal's config command shows for the smallest configuration.
func TestEmitConfig(t *testing.T) {
	sym := func(k string, v *Node) Pair { return Pair{Key: NewSymbol(k), Value: v} }
	n := NewMap(
		sym("roles", NewStrings([]string{"web"})),
		sym("hosts", NewStrings([]string{"192.0.2.10"})),
		sym("version", NewString("v1")),
		sym("absolute_image", NewString("acme/shop:v1")),
		sym("volume_args", NewList()),
		sym("ssh_options", NewMap(
			sym("user", NewString("root")),
			sym("port", NewInt(22)),
			sym("keepalive", NewBool(true)),
			sym("log_level", NewSymbol("fatal")))),
		sym("sshkit", NewMap()),
		sym("builder", NewMap(Pair{NewString("arch"), NewString("amd64")})),
		sym("logging", NewStrings([]string{"--log-opt", `max-size="10m"`})),
	)
	want := `---
:roles:
- web
:hosts:
- 192.0.2.10
:version: v1
:absolute_image: acme/shop:v1
:volume_args: []
:ssh_options:
  :user: root
  :port: 22
  :keepalive: true
  :log_level: :fatal
:sshkit: {}
:builder:
  arch: amd64
:logging:
- "--log-opt"
- max-size="10m"
`
	if got := string(Emit(n)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEmitNested(t *testing.T) {
	n := NewList(
		NewList(NewString("a"), NewList(NewInt(1))),
		NewMap(Pair{NewString("k"), NewMap(Pair{NewString("l"), NewList(NewString("m"))})}, Pair{NewString("n"), &Node{}}),
		&Node{},
		NewMap(Pair{NewList(NewString("x")), NewSymbol("y z ")}),
	)
	want := "---\n- - a\n  - - 1\n- k:\n    l:\n    - m\n  \"n\":\n-\n- ? - x\n  : ! ':y z '\n"
	if got := string(Emit(n)); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := string(Emit(NewString("a b"))); got != "--- a b\n" {
		t.Errorf("got %q", got)
	}
}

func TestEmitScalars(t *testing.T) {
	long := strings.Repeat("word ", 20) + "end"
	tests := []struct{ name, text, want string }{
		{"word", "web", "web"},
		{"empty", "", "''"},
		{"digits", "22", "'22'"},
		{"boolean", "off", "'off'"},
		{"base 60", "53:53", "'53:53'"},
		{"not base 60", "8080:80", "8080:80"},
		{"not octal", "089", "'089'"},
		{"date", "2024-05-01", "'2024-05-01'"},
		{"float", "2.10", "'2.10'"},
		{"symbol", ":a", `":a"`},
		{"y", "y", `"y"`},
		{"option", "--log-opt", `"--log-opt"`},
		{"path", "/var/log", `"/var/log"`},
		{"hidden", ".kamal", `".kamal"`},
		{"quotes after", `"a" b`, `'"a" b'`},
		{"option with quotes", `--a "b"`, `--a "b"`},
		{"colon blank", "a: b", "'a: b'"},
		{"comment", "a #b", "'a #b'"},
		{"apostrophe", "it's: x", "'it''s: x'"},
		{"trailing blank", "a ", "'a '"},
		{"tab", "a\tb", `"a\tb"`},
		{"lines", "a\nb", "|-\n  a\n  b"},
		{"lines and end", "a\nb\n", "|\n  a\n  b"},
		{"blank lines at end", "a\nb\n\n", "|+\n  a\n  b\n\n..."},
		{"indented first line", " a\nb", "|2-\n   a\n  b"},
		{"one line and end", "a\n", "'a\n\n  '"},
		{"long in quotes", "$" + long, "\"$" + strings.Repeat("word ", 15) + "word\n  " + "word word word word end\""},
		{"two blanks at the edge", "$" + strings.Repeat("word ", 16) + "  end", "\"$" + strings.Repeat("word ", 15) + "word\n  \\  end\""},
		{"private characters", "\ue000x\ufeff", "\"\ue000x\\uFEFF\""},
		{"unicode", "größe", "größe"},
		{"line separator", "a\u2028\nb", `"a\L\nb"`},
		{"emoji", "😀", `"\U0001F600"`},
		{"carriage return", "a\r\nb", `"a\r\nb"`},
		{"merge key", "<<", "!!str '<<'"},
		{"blank line only", "\n", `"\n"`},
		{"long", long, strings.Repeat("word ", 15) + "word\n  " + "word word word word end"},
	}
	for _, tt := range tests {
		got := string(Emit(NewList(NewString(tt.text))))
		got = strings.TrimSuffix(strings.TrimPrefix(got, "---\n- "), "\n")
		if got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
		back := parse(t, string(Emit(NewList(NewString(tt.text)))))
		if s := back.Items[0]; s.Kind != String || s.Str != tt.text {
			t.Errorf("%s: read back as %v %q", tt.name, s.Kind, s.Str)
		}
	}
}
