package packs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	sources := map[string][]byte{"application.js": []byte("1"), "application.css": []byte("2")}
	out, err := Compile(sources)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(out))
	want := "application-6b86b273ff34fce1.js application-6b86b273ff34fce1.js.map application-d4735e3a265e16ee.css manifest.json"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var manifest map[string]string
	if err := json.Unmarshal(out["manifest.json"], &manifest); err != nil || manifest["application.css"] != "/packs/application-d4735e3a265e16ee.css" {
		t.Errorf("%v, %v", manifest, err)
	}
	again, err := Compile(sources)
	if err != nil || !maps.EqualFunc(out, again, func(a, b []byte) bool { return string(a) == string(b) }) {
		t.Errorf("a second time it differs, %v", err)
	}
}
