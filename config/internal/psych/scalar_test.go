package psych

import (
	"strings"
	"testing"
)

// Every row of the table of plain scalars. The text form is what reaches a
// container, a label or an option.
func TestScalars(t *testing.T) {
	tests := []struct {
		in   string
		kind Kind
		text string
	}{
		{"", Null, ""}, {"~", Null, ""}, {"null", Null, ""}, {"NULL", Null, ""}, {"Null", Null, ""}, {"nULL", Null, ""},
		{"nil", String, "nil"}, {"nulls", String, "nulls"}, {"~a", String, "~a"},

		{"yes", Bool, "true"}, {"Yes", Bool, "true"}, {"YES", Bool, "true"}, {"yEs", Bool, "true"},
		{"true", Bool, "true"}, {"TRUE", Bool, "true"}, {"on", Bool, "true"}, {"On", Bool, "true"},
		{"no", Bool, "false"}, {"NO", Bool, "false"}, {"false", Bool, "false"}, {"off", Bool, "false"}, {"OFF", Bool, "false"},
		{"y", String, "y"}, {"Y", String, "Y"}, {"n", String, "n"}, {"N", String, "N"}, {"truee", String, "truee"},
		{"only", String, "only"}, {"not", String, "not"},

		{"2024-05-01 10:00:00", Time, "2024-05-01 10:00:00 +0000"},
		{"2024-05-01T10:00:00Z", Time, "2024-05-01 10:00:00 UTC"},
		{"2024-05-01t10:00:00.5Z", Time, "2024-05-01 10:00:00 UTC"},
		{"2024-5-1 1:00:00 +02:00", Time, "2024-05-01 01:00:00 +0200"},
		{"2024-05-01 10:00:00 -5", Time, "2024-05-01 10:00:00 -0500"},
		{"2024-05-01 24:00:00 Z", Time, "2024-05-02 00:00:00 UTC"},
		{"2024-02-31 10:00:00 Z", Time, "2024-03-02 10:00:00 UTC"},
		{"2024-05-01 24:30:00", String, "2024-05-01 24:30:00"}, {"2024-05-01 23:59:60Z", Time, "2024-05-02 00:00:00 UTC"},
		{"2024-13-01 10:00:00", String, "2024-13-01 10:00:00"},
		{"2024-05-01 25:00:00", String, "2024-05-01 25:00:00"},
		{"2024-05-01 10:00", String, "2024-05-01 10:00"},

		{"2024-05-01", Date, "2024-05-01"}, {"2024-5-1", Date, "2024-05-01"}, {"2024-02-29", Date, "2024-02-29"},
		{"2023-02-29", String, "2023-02-29"}, {"2024-13-01", String, "2024-13-01"}, {"2024-05-32", String, "2024-05-32"},
		{"24-05-01", String, "24-05-01"}, {"2024-05", String, "2024-05"},

		{".inf", Float, "Infinity"}, {".Inf", Float, "Infinity"}, {"+.INF", Float, "Infinity"},
		{"-.inf", Float, "-Infinity"}, {".nan", Float, "NaN"}, {".NaN", Float, "NaN"}, {"inf", String, "inf"},

		{":word", Symbol, "word"}, {`:"a word"`, Symbol, "a word"}, {":'w'", Symbol, "w"}, {":80", Symbol, "80"},
		{"::1", Symbol, ":1"}, {":", String, ":"}, {"a:b", String, "a:b"}, {`:"`, Symbol, `"`},

		{"22:22", Int, "80520"}, {"1:30:15", Int, "5415"}, {"53:53", Int, "193980"}, {"12:30", Int, "45000"},
		{"80:80", String, "80:80"}, {"8080:80", String, "8080:80"}, {"60:60", String, "60:60"}, {"80:5", Int, "288300"},
		{"1:2:3:4", String, "1:2:3:4"}, {"-1:30", Int, "-1800"}, {"0:0", Int, "0"}, {"1_0:30", Int, "37800"},
		{"443:443", String, "443:443"}, {"127.0.0.1:53:53", String, "127.0.0.1:53:53"},

		{"1:30.5", Float, "5430.0"}, {"12:30.", Float, "45000.0"}, {"1:2:3.25", Float, "3723.25"},

		{"1.5", Float, "1.5"}, {".5", Float, "0.5"}, {"1.", Float, "1.0"}, {"1.0e+3", Float, "1000.0"}, {"1.50", Float, "1.5"},
		{"2.10", Float, "2.1"}, {"100.0", Float, "100.0"}, {"-1.5", Float, "-1.5"}, {"+.5", Float, "0.5"}, {"1_000.5", Float, "1000.5"},
		{"1,000.5", Float, "1000.5"}, {"1.E-3", Float, "0.001"}, {"-0.0", Float, "-0.0"},
		{"1.0e-5", Float, "1.0e-05"}, {"0.0001", Float, "0.0001"}, {"1.0e+15", Float, "1000000000000000.0"},
		{"1.0e+16", Float, "1.0e+16"}, {"123456789012345680.0", Float, "1.2345678901234568e+17"},
		{"1.0e+400", Float, "Infinity"}, {"1.25e-7", Float, "1.25e-07"}, {"1.0e+100", Float, "1.0e+100"},
		{"1e3", String, "1e3"}, {"1.0e3", String, "1.0e3"}, {"1e+3", String, "1e+3"}, {".", String, "."}, {"-.", String, "-."},
		{"1.10.0", String, "1.10.0"}, {"10.0.0.1", String, "10.0.0.1"}, {"1.5 ", String, "1.5 "}, {"..5", String, "..5"},

		{"0b101", Int, "5"}, {"-0b11", Int, "-3"}, {"0b1_0", Int, "2"}, {"0b2", String, "0b2"},
		{"0755", Int, "493"}, {"00", Int, "0"}, {"0_7", Int, "7"}, {"-010", Int, "-8"}, {"089", String, "089"}, {"0o755", String, "0o755"}, {"08", String, "08"},
		{"0", Int, "0"}, {"12", Int, "12"}, {"-12", Int, "-12"}, {"+12", Int, "12"}, {"1_000", Int, "1000"}, {"1,000", Int, "1000"},
		{"1,2", Int, "12"}, {"1__0", String, "1__0"}, {"1_", String, "1_"}, {"1,", String, "1,"}, {"_1", String, "_1"}, {"1 000", String, "1 000"},
		{"0x1F", Int, "31"}, {"-0xff", Int, "-255"}, {"0x_f", Int, "15"}, {"0X1F", String, "0X1F"}, {"0xg", String, "0xg"},
		{"9223372036854775807", Int, "9223372036854775807"}, {"9223372036854775808", Int, "9223372036854775808"},
		{"-99999999999999999999", Int, "-99999999999999999999"},

		{"word", String, "word"}, {"-", String, "-"}, {"+", String, "+"}, {"-x", String, "-x"}, {"1a", String, "1a"}, {"$PWD", String, "$PWD"},
		{"/path", String, "/path"}, {"é", String, "é"}, {"--log-opt", String, "--log-opt"}, {"=", String, "="}, {"1-2", String, "1-2"},
	}
	for _, tt := range tests {
		n, err := Scalar(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if n.Kind != tt.kind || n.Text() != tt.text {
			t.Errorf("%q is kind %d %q, want kind %d %q", tt.in, n.Kind, n.Text(), tt.kind, tt.text)
		}
	}
}

// The same texts are strings as soon as they are quoted or in a block.
func TestQuotedScalars(t *testing.T) {
	for _, text := range []string{"~", "yes", "2024-05-01", "53:53", "0755", "2.10", ":sym", ".inf", "1_000", "-5"} {
		n := parse(t, "a: '"+text+"'\nb: \""+text+"\"\nc: |-\n  "+text+"\nd: >-\n  "+text+"\ne: !!str "+text+"\n")
		for _, p := range n.Pairs {
			if p.Value.Kind != String || p.Value.Str != text || p.Value.Raw != text {
				t.Errorf("%s: %s is kind %d %q", p.Key.Str, text, p.Value.Kind, p.Value.Str)
			}
			if plain := p.Key.Str == "e"; p.Value.Plain != plain {
				t.Errorf("%s: %s has Plain %v", p.Key.Str, text, p.Value.Plain)
			}
		}
	}
	if n := parse(t, "a: ''\nb: \"\"\n"); n.Get("a").Kind != String || n.Get("b").Kind != String {
		t.Error("an empty quoted scalar is no null")
	}
}

func TestScalarErrors(t *testing.T) {
	for _, text := range []string{".e+3", "-.e+3", strings.Repeat("1", maxNumberLen+1)} {
		if n, err := Scalar(text); err == nil {
			t.Errorf("%.20q gives %v", text, n)
		}
	}
	if n, err := Scalar(strings.Repeat("1", maxNumberLen+1) + "x y"); err != nil || n.Kind != String {
		t.Errorf("a long text that begins with digits: %v, %v", n, err)
	}
}

func TestTags(t *testing.T) {
	tests := []struct{ in, want string }{
		{"!!str 12", `["12"]`}, {"!!int \"12\"", "[12]"}, {"!!float 1", "[1.0]"}, {"!!bool \"yes\"", "[true]"}, {"!str 1", `["1"]`},
		{"! \"12\"", "[12]"}, {"&a ! '12'", "[12]"}, {"\"! 12\"", `["! 12"]`}, {"!custom 12", "[12]"}, {"!custom [1]", "[[1]]"}, {"!custom {a: 1}", `[{"a":1}]`}, {"!!binary aGk=", `["hi"]`}, {"!!set {a: }", `[{"a":null}]`},
	}
	for _, tt := range tests {
		if got := parse(t, "- "+tt.in+"\n").JSON(); got != tt.want {
			t.Errorf("%s gives %s, want %s", tt.in, got, tt.want)
		}
	}
	for _, in := range []string{
		"!ruby/object:Foo {a: 1}", "!ruby/sym a", "!ruby/regexp /a/", "!ruby/array:A [1]", "!ruby/hash:H {}", "!ruby/range 1..2",
		"!ruby/object:Set", "!map:H {}", "!seq:S []", "!!omap [a: 1]", "!!float x", "!!binary '%'", "!<tag:ruby.yaml.org,2002:object:X> a",
	} {
		if n, err := Parse([]byte("- "+in+"\n"), nil); err == nil {
			t.Errorf("%s gives %s", in, n.JSON())
		}
	}
}

func TestPredicates(t *testing.T) {
	n := parse(t, "null: ~\nf: false\nt: true\nempty: ''\nblank: \" \\n\"\nword: w\nzero: 0\nfl: 0.0\nsym: :s\nlist: []\nfull: [1]\nmap: {}\ndate: 2024-05-01\ntime: 2024-05-01 10:00:00\n")
	tests := []struct {
		key                     string
		isString, blank, truthy bool
	}{
		{"f", true, true, false}, {"t", true, false, true}, {"empty", true, true, true}, {"blank", true, true, true}, {"word", true, false, true},
		{"zero", true, false, true}, {"fl", true, false, true}, {"sym", true, false, true}, {"list", false, true, true}, {"full", false, false, true},
		{"map", false, true, true}, {"date", false, false, true}, {"time", false, false, true}, {"missing", false, true, false},
	}
	for _, tt := range tests {
		v := n.Get(tt.key)
		if v.IsString() != tt.isString || v.Blank() != tt.blank || v.Truthy() != tt.truthy {
			t.Errorf("%s: string %v blank %v truthy %v", tt.key, v.IsString(), v.Blank(), v.Truthy())
		}
	}
	if null := n.Pairs[0]; null.Key.Kind != Null || n.Get("") != nil || !null.Value.Blank() || null.Value.IsString() {
		t.Error("null")
	}
}

func TestJSON(t *testing.T) {
	n := parse(t, "a:\n- 1\n- 1.5\n- yes\n- ~\n- :s\n- 2024-05-01\n- \"q\\\"\\\\\\n\\t\\x01é</\"\n1.0: {on: x}\n")
	want := `{"a":[1,1.5,true,null,"s","2024-05-01","q\"\\\n\t\u0001é</"],"1.0":{"true":"x"}}`
	if got := n.JSON(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLookup(t *testing.T) {
	n := parse(t, "a:\n  :b: {c: 1}\n5: x\nyes: y\n")
	if got := n.Lookup("a", "b", "c").Text(); got != "1" {
		t.Errorf("got %q", got)
	}
	if n.Lookup("a", "x", "c") != nil || n.Get("5") != nil || n.Get("true") != nil {
		t.Error("found what is not there")
	}
	if n.Pairs[1].Key.KeyText() != "5" || n.Pairs[2].Key.KeyText() != "true" {
		t.Error("text of keys")
	}
}
