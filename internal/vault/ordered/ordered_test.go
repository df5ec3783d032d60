package ordered_test

import (
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

func TestParseThenDump(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1,"a":{"z":[],"y":{}},"b":2}`:                      `{"b":2,"a":{"z":[],"y":{}}}`,
		`[1, 1.50, 1e3, 1e-7, -0.0, 1E20, 12345678901234567890]`: `[1,1.5,1000.0,1.0e-07,-0.0,1.0e+20,12345678901234567890]`,
		`"<b>&'\u2028\u00fc\ud83d\ude00\/"`:                      "\"<b>&'\u2028ü😀/\"",
		`"\u0000\u001f\u007f\b\f\n\r\t\"\\"`:                     `"\u0000\u001f` + "\x7f" + `\b\f\n\r\t\"\\"`,
		` null `:                                                 `null`, `true`: `true`, `false`: `false`, `{}`: `{}`, `[[],{"":null}]`: `[[],{"":null}]`,
	} {
		v, err := ordered.Parse(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := ordered.Dump(v); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

func TestRefusalsTellNothing(t *testing.T) {
	for _, in := range []string{"", "hunter2", `{"a":hunter2}`, `{"a":1} x`, `{"a":1`, `[1,`, `{"hunter2"}`, `"hunter2`, `{'hunter2':1}`} {
		_, err := ordered.Parse(in)
		if err == nil || !strings.HasPrefix(err.Error(), "not JSON") || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestObject(t *testing.T) {
	var o ordered.Object
	o.Set("k", "v")
	o.Set("n", nil)
	if o.Text("k") != "v" || o.Text("n") != "" || o.Get("none") != nil || strings.Join(o.Keys(), " ") != "k n" {
		t.Errorf("got %v", ordered.Dump(&o))
	}
}
