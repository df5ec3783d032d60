package wrangler_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

// Both forms of a file give the same Worker: environments over the top level,
// bindings only where they stand.
func TestAnEnvironmentInBothForms(t *testing.T) {
	want := value(t, read(t, "testdata/staging.json"))
	for _, file := range []string{"testdata/full.toml", "testdata/full.jsonc"} {
		w, err := wrangler.Parse(file, read(t, file), wrangler.Environment{Name: "staging"})
		if err != nil {
			t.Errorf("%s:\n%v", file, err)
			continue
		}
		w.File = ""
		text, err := json.MarshalIndent(w, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(value(t, text), want) {
			t.Errorf("%s gives\n%s", file, text)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func value(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Production has an environment of its own, which inherits routes and no vars.
func TestWhatAnEnvironmentDoesNotInherit(t *testing.T) {
	w, err := wrangler.Parse("full.toml", read(t, "testdata/full.toml"), wrangler.Environment{Name: "production", Base: true})
	if err != nil {
		t.Fatal(err)
	}
	if w.Name != "www-edge" || len(w.Bindings) != 0 || len(w.Routes) != 1 || w.WorkersDev || w.Crons != nil {
		t.Errorf("%+v", w)
	}
}

const least = "name = 'w'\nmain = 'a.js'\ncompatibility_date = '2026-01-31'\n"

// The top level is the base's; a destination that the file does not name is
// refused rather than shipped to production. A file without environments has one
// for all.
func TestWhichEnvironmentCounts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		env  wrangler.Environment
		want string
	}{
		"base":           {least + "[env.staging]\n", wrangler.Environment{Name: "production", Base: true}, ""},
		"unknown":        {least + "[env.production]\n", wrangler.Environment{Name: "staging"}, "w.toml:4: there is no env.staging; the top level is another environment's"},
		"no environment": {least, wrangler.Environment{Name: "staging"}, ""},
	} {
		t.Run(name, func(t *testing.T) { wants(t, "w.toml", c.text, c.env, c.want) })
	}
}

func wants(t *testing.T, file, text string, e wrangler.Environment, want string) {
	t.Helper()
	_, err := wrangler.Parse(file, []byte(text), e)
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error\n%s\nwanted\n%s", got, want)
	}
}

// Every mistake is found, at its line.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"nothing":         {"w.toml", "", "w.toml: name is missing\nw.toml: main is missing: the file that the script begins with\nw.toml: compatibility_date is missing; without one the runtime is that of 2021"},
		"no TOML":         {"w.toml", "name = \n", "w.toml:1: toml: unexpected character U+000A at start of value"},
		"no JSON":         {"w.jsonc", "{\n  \"name\": nope\n}", "w.jsonc:2: invalid literal: nope"},
		"no table":        {"w.json", "[]", "w.json: should be a table of keys"},
		"unknown":         {"w.toml", least + "[vars]\na = 1\n[trigers]\ncrons = []\n", "w.toml:6: unknown key: trigers"},
		"unknown below":   {"w.toml", least + "[[kv_namespaces]]\nbinding = 'K'\nid = 'i'\n[[kv_namespaces]]\nbinding = 'L'\nid = 'i'\nbucket = 1\n", "w.toml:10: unknown key: kv_namespaces.bucket"},
		"unserved":        {"w.toml", least + "upload_source_maps = true\n[assets]\ndirectory = 'public'\n[[migrations]]\ntag = 'v1'\n", "w.toml:4: upload_source_maps is not served here yet; leave it out\nw.toml:5: assets is not served here; deploy this Worker with wrangler\nw.toml:7: migrations is not served here; deploy this Worker with wrangler"},
		"switched off":    {"w.toml", least + "upload_source_maps = false\nno_bundle = false\nmigrations = []\n", ""},
		"top level only":  {"w.toml", least + "[env.staging]\nkeep_vars = true\n", "w.toml:5: env.staging.keep_vars: keep_vars stands at the top level only"},
		"no id":           {"w.json", "{\"name\": \"w\", \"main\": \"a\", \"compatibility_date\": \"2026-01-31\",\n\"kv_namespaces\": [\n{\"binding\": \"K\"}, {\"id\": \"x\"}]}", "w.json:3: kv_namespaces: id is missing\nw.json:3: kv_namespaces: binding is missing"},
		"twice":           {"w.toml", least + "[vars]\nK = 'x'\n[[services]]\nbinding = 'K'\nservice = 's'\n", "w.toml:6: the binding K stands in line 5, too"},
		"polyfills":       {"w.toml", least + "compatibility_flags = [\n  'nodejs_compat',\n]\n", "w.toml:5: nodejs_compat needs polyfills that only wrangler has; deploy this Worker with wrangler"},
		"kinds of values": {"w.toml", "name = 'W W'\nmain = 1\ncompatibility_date = 'soon'\nminify = 'yes'\nroutes = 'x'\nrules = [{type = 'Python', globs = ['a']}]\n", "w.toml: main is missing: the file that the script begins with\nw.toml:1: name \"W W\" should have small letters, digits, - and _ only\nw.toml:2: main should be a text\nw.toml:3: compatibility_date should be a date such as 2026-01-31\nw.toml:4: minify should be true or false\nw.toml:5: routes should be a list\nw.toml:6: rules: type \"Python\" is not served here: Text, Data, CompiledWasm"},
		"routes":          {"w.toml", least + "routes = [\n  {pattern = 'a/*', custom_domain = true},\n  {zone_name = 'a'},\n  {pattern = 'a', zone = 'b'},\n]\n", "w.toml:5: routes: a custom domain is a host alone: a/*\nw.toml:6: routes: a pattern is missing\nw.toml:7: unknown key: routes.zone"},
		"other forms":     {"w.toml", least + "rules = 'a'\ntriggers = ['0 3 * * *']\n[[durable_objects]]\nname = 'D'\nclass_name = 'D'\n[[queues]]\nbinding = 'Q'\n", "w.toml:4: rules should be a list of tables\nw.toml:5: triggers should be a table\nw.toml:6: durable_objects should be a table\nw.toml:9: queues should be a table"},
		"consumers":       {"w.toml", least + "[[queues.consumers]]\nqueue = 'q'\n", "w.toml:4: queues.consumers is not served here; deploy this Worker with wrangler"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, c.file, c.text, wrangler.Environment{Base: true}, c.want) })
	}
}
