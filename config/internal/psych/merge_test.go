package psych

import "testing"

// Every row of the table of the destination merge.
func TestMerge(t *testing.T) {
	tests := []struct{ name, base, over, want string }{
		{"map on map", "a: {x: 1, y: {p: 1, q: 2}}\nb: 1\n", "a: {z: 3, y: {q: 5}}\n", `{"a":{"x":1,"y":{"p":1,"q":5},"z":3},"b":1}`},
		{"list on list", "a: [1, 2]\n", "a: [3]\n", `{"a":[3]}`},
		{"map on list", "a: [1]\n", "a: {b: 1}\n", `{"a":{"b":1}}`},
		{"list on map", "a: {b: 1}\n", "a: [1]\n", `{"a":[1]}`},
		{"null on anything", "a: {b: 1}\nc: 1\n", "a:\nc: ~\n", `{"a":null,"c":null}`},
		{"scalar on anything", "a: {b: 1}\nc: [1]\n", "a: 5\nc: x\n", `{"a":5,"c":"x"}`},
		{"absent key is appended", "b: 1\na: 1\n", "c: 1\na: 2\n", `{"b":1,"a":2,"c":1}`},
		{"map on null", "a:\n", "a: {b: 1}\n", `{"a":{"b":1}}`},
		{"no file", "a: 1\n", "", `{"a":1}`},
		{"comments only", "a: 1\n", "# a\n", `{"a":1}`},
		{"booleans and words differ", "on: 1\n", "\"on\": 2\n", `{"true":1,"on":2}`},
		{"anchors expand before merging", "x: &x {a: 1, b: 2}\ny: *x\n", "y: {b: 3}\n", `{"x":{"a":1,"b":2},"y":{"a":1,"b":3}}`},
		{"lists are replaced within maps", "env:\n  clear: {LOG: info, REGION: eu}\n  secret: [DB_URL]\n", "env:\n  clear: {LOG: debug, EXTRA: 1}\n  secret: [OTHER]\n",
			`{"env":{"clear":{"LOG":"debug","REGION":"eu","EXTRA":1},"secret":["OTHER"]}}`},
		{"simple and structured env", "env: {LOG: info}\n", "env:\n  clear: {LOG: debug}\n", `{"env":{"LOG":"info","clear":{"LOG":"debug"}}}`},
	}
	for _, tt := range tests {
		base, over := parse(t, tt.base), parse(t, tt.over)
		before := base.JSON()
		if got := Merge(base, over).JSON(); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
		if base.JSON() != before {
			t.Errorf("%s: the base was changed", tt.name)
		}
	}
	if Merge(nil, nil) != nil || Merge(nil, NewInt(1)).Text() != "1" {
		t.Error("nil")
	}
}

func TestMergeKeepsPositions(t *testing.T) {
	file := func(name string) func(int, int) Pos {
		return func(l, c int) Pos { return Pos{name, l, c} }
	}
	base, err := Parse([]byte("a:\n  b: 1\n  c: 2\n"), file("base"))
	if err != nil {
		t.Fatal(err)
	}
	over, err := Parse([]byte("# x\na: {c: 3}\n"), file("over"))
	if err != nil {
		t.Fatal(err)
	}
	m := Merge(base, over)
	if got := m.Lookup("a", "b").Pos.String(); got != "base:2:6" {
		t.Errorf("b at %s", got)
	}
	if got := m.Lookup("a", "c").Pos.String(); got != "over:2:8" {
		t.Errorf("c at %s", got)
	}
}

func TestSymbolize(t *testing.T) {
	n := Symbolize(parse(t, "a: 1\n:b: 2\n5: x\nc: {d: 1}\n:a: 3\n"))
	if got := n.JSON(); got != `{"a":3,"b":2,"5":"x","c":{"d":1}}` {
		t.Errorf("got %s", got)
	}
	if n.Pairs[0].Key.Kind != Symbol || n.Get("c").Pairs[0].Key.Kind != String {
		t.Error("only root keys become symbols")
	}
}
