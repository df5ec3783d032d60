package psych

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestSyntaxErrors(t *testing.T) {
	tests := []struct{ name, text, at, says string }{
		{"indent", "a: 1\n  b: 2\n", "f:2:3", "mapping values are not allowed"},
		{"indent in a map", "a:\n  b: 1\n c: 2\n", "f:3:2", "did not find expected key"},
		{"tab", "a:\n\tb: 1\n", "f:2:2", "tab"},
		{"open list", "a: [1, 2\nb: 3\n", "f:1:1", "did not find expected"},
		{"open quote", "a: 1\nb: \"x\nc: 2\n", "f:2:1", "end of stream"},
		{"bad escape", "a: \"\\q\"\n", "f:1:1", "unknown escape"},
		{"quote escape", "a: 1\nb: \"it\\'s\"\n", "f:2:4", "unknown escape"},
		{"colon and indicator", "a: {b:[1]}\n", "f:1:1", "did not find expected ',' or '}'"},
		{"colon and comma", "a: {b:, c: 1}\n", "f:1:5", "unexpected ':'"},
		{"unknown anchor", "a: 1\nb: *x\n", "f:2:1", "unknown anchor"},
		{"self reference", "a: &x [1, *x]\n", "f:1:11", "contains it"},
		{"self merge", "a: &x\n  <<: *x\n", "f:2:7", "contains it"},
		{"ruby object", "a:\n  b: !ruby/object:X {}\n", "f:2:6", "!ruby/object:X"},
		{"not UTF-8", "a: é\nb: \xff\n", "f:2:4", "UTF-8"},
		{"control character", "a: 1\nb: \x01\n", "f:2:1", "control characters"},
		{"list and map", "a: 1\n- b\n", "f:2:1", "did not find expected"},
		{"something behind", "{a: 1}\nb\n", "f:2:1", "follows the end"},
		{"directive", "%YAML 3.0\n---\na: 1\n", "f:1:1", "incompatible"},
		{"reserved", "a: @x\n", "f:1:1", "cannot start any token"},
		{"deep", "a: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "f:1:504", "levels deep"},
	}
	for _, tt := range tests {
		_, err := Parse([]byte(tt.text), func(l, c int) Pos { return Pos{"f", l, c} })
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%s: got %v", tt.name, err)
			continue
		}
		if se.Pos.String() != tt.at || !strings.Contains(se.Msg, tt.says) {
			t.Errorf("%s: got %v, want %s and %q", tt.name, err, tt.at, tt.says)
		}
	}
}

func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 20 {
		prev, name := string(rune('a'+i))+"0", string(rune('a'+i+1))+"0"
		b.WriteString(name + ": &" + name + " [*" + prev + strings.Repeat(", *"+prev, 9) + "]\n")
	}
	start := time.Now()
	if _, err := Parse([]byte(b.String()), nil); err == nil || !strings.Contains(err.Error(), "expanded") {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestDialect(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a: {path: /up?x=1, b: what?}\n", `{"a":{"path":"/up?x=1","b":"what?"}}`},
		{"a: [http://x/?a=b, is it ? yes, 'q?', \"r?\"]\n", `{"a":["http://x/?a=b","is it ? yes","q?","r?"]}`},
		{"a: what? # why?\nb: |\n  x?y\n", `{"a":"what?","b":"x?y\n"}`},
		{"? a\n: b\n", `{"a":"b"}`},
		{"- ? a\n  : b\n", `[{"a":"b"}]`},
		{"a: {? b : c, ?d: e}\n", `{"a":{"b":"c","d":"e"}}`},
		{"a: \"\\/x\\\\/y\"\nb: '\\/'\nc: \\/x\n", `{"a":"/x\\/y","b":"\\/","c":"\\/x"}`},
		{"a: 'x\\'\n", `{"a":"x\\"}`},
		{"a: {b:: 1}\n", `{"a":{"b:":1}}`},
		{"a: {\"b\":[1], port: 53:53}\n", `{"a":{"b":[1],"port":193980}}`},
		{"a: x#y # z\n", `{"a":"x#y"}`},
		{"a: b\n  c\n\n  d\n", `{"a":"b c\nd"}`},
		{"a: \"x\n\"\n", `{"a":"x "}`},
		{"a: \"b \\\n  c\"\n", `{"a":"b c"}`},
		{"a: 1\r\nb: \"x\"\r\n", `{"a":1,"b":"x"}`},
		{"%YAML 1.1\n---\na: 1\n...\nb: [\n", `{"a":1}`},
		{"a: 1\n---\nb: [\n", `{"a":1}`},
		{"--- {a: 1}\n", `{"a":1}`},
		{"a: 12\n  34\n", `{"a":"12 34"}`},
		{"a: yes\n  no\n", `{"a":"yes no"}`},
		{"a:\tx\n", `{"a":"x"}`},
		{"a: \ue0e0?\n", "{\"a\":\"\ue0e0?\"}"},
	}
	for _, tt := range tests {
		n, err := Parse([]byte(tt.text), nil)
		if err != nil || n.JSON() != tt.want {
			t.Errorf("%q gives %s, %v\nwant %s", tt.text, n.JSON(), err, tt.want)
		}
	}
}

func TestEmptyDocuments(t *testing.T) {
	for _, text := range []string{"", "\n", "# only\n", "---\n", "---\n# a\n", "\ufeff", "--- # a\n"} {
		if n, err := Parse([]byte(text), nil); n != nil || err != nil {
			t.Errorf("%q gives %v, %v", text, n, err)
		}
	}
	if n, err := Parse([]byte("~\n"), nil); err != nil || n == nil || n.Kind != Null {
		t.Errorf("an explicit null: %v, %v", n, err)
	}
}

func TestRepeatedKeys(t *testing.T) {
	n := parse(t, "a: 1\nb: &b {a: 5, a: 6}\na: 2\nc:\n  a: 0\n  <<: *b\n")
	if len(n.Repeated) != 1 || n.Repeated[0].Pos.Line != 1 || n.Pairs[0].Key.Pos.Line != 3 {
		t.Errorf("root: %v", n.Repeated)
	}
	if r := n.Get("b").Repeated; len(r) != 1 {
		t.Errorf("b: %v", r)
	}
	if r := n.Get("c").Repeated; len(r) != 0 {
		t.Errorf("a merge key repeats nothing: %v", r)
	}
}

func TestPositions(t *testing.T) {
	n := parse(t, "\ufeffa: 1\né: [x, {y: z}]\nm:\n  k: |\n    t\n")
	for want, v := range map[string]*Node{
		"(yaml):1:4":  n.Get("a"),
		"(yaml):1:1":  n.Pairs[0].Key,
		"(yaml):2:4":  n.Get("é"),
		"(yaml):2:5":  n.Get("é").Items[0],
		"(yaml):2:12": n.Get("é").Items[1].Get("y"),
		"(yaml):4:3":  n.Get("m"),
		"(yaml):4:6":  n.Lookup("m", "k"),
	} {
		if got := v.Pos.String(); got != want {
			t.Errorf("%s is at %s, want %s", v.JSON(), got, want)
		}
	}
}
