package psych

import "testing"

func parse(t *testing.T, text string) *Node {
	t.Helper()
	n, err := Parse([]byte(text), nil)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return n
}

func TestParseMaps(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"merge below wins", "x: &o {memory: 1g}\na:\n  memory: 8g\n  <<: *o\n", `{"x":{"memory":"1g"},"a":{"memory":"1g"}}`},
		{"merge above loses", "x: &o {memory: 1g}\na:\n  <<: *o\n  memory: 8g\n", `{"x":{"memory":"1g"},"a":{"memory":"8g"}}`},
		{"merge keeps place", "x: &o {b: 2, c: 3}\na: {c: 0, z: 1, <<: *o}\n", `{"x":{"b":2,"c":3},"a":{"c":3,"z":1,"b":2}}`},
		{"merge list: earlier wins", "x: &o {a: 1}\ny: &p {a: 2, b: 3}\nm: {<<: [*o, *p]}\n", `{"x":{"a":1},"y":{"a":2,"b":3},"m":{"a":1,"b":3}}`},
		{"merge of scalar is a key", "a: {<<: 5}\n", `{"a":{"<<":5}}`},
		{"merge of null is a key", "a: {<<: }\n", `{"a":{"<<":null}}`},
		{"merge of mixed list is a key", "a: {<<: [{b: 1}, 2]}\n", `{"a":{"<<":[{"b":1},2]}}`},
		{"alias of list is a key", "x: &l [{b: 1}]\na: {<<: *l}\n", `{"x":[{"b":1}],"a":{"<<":[{"b":1}]}}`},
		{"inline merge", "a: {<<: {b: 1}}\n", `{"a":{"b":1}}`},
		{"one level deep", "x: &o {e: {a: 1}}\na:\n  e: {b: 2}\n  <<: *o\n", `{"x":{"e":{"a":1}},"a":{"e":{"a":1}}}`},
		{"quoted merges too", "a: {'<<': {b: 1}}\n", `{"a":{"b":1}}`},
		{"str tag is a key", "a: {!!str <<: {b: 1}}\n", `{"a":{"<<":{"b":1}}}`},
		{"repeated key", "a: 1\nb: 2\na: 3\n", `{"a":3,"b":2}`},
		{"1 and \"1\" differ", "1: a\n\"1\": b\n", `{"1":"a","1":"b"}`},
		{"boolean keys", "no: a\nON: b\n~: c\n012: d\n", `{"false":"a","true":"b","":"c","10":"d"}`},
		{"first document", "a: 1\n---\nb: 2\n", `{"a":1}`},
		{"bom", "\ufeffa: 1\n", `{"a":1}`},
	}
	for _, tt := range tests {
		if got := parse(t, tt.text).JSON(); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
