package e2e

import (
	"strings"
	"testing"
)

// Kamal's local registry: lab-3 is the operator's machine, with an engine of its
// own and without git. It starts the registry, builds here or on lab-2, and lab-1
// pulls through its SSH connection.
//
// proves: registry setup, registry setup --skip-local, registry remove, registry remove --skip-local
func TestALocalRegistry(t *testing.T) {
	w := begin(t, oneHost())
	here := theLab.Host("lab-3")
	for _, prepare := range []func() error{
		func() error { return here.LoadRegistry(t.Context()) },
		func() error { return here.LoadBuildKit(t.Context()) },
		func() error { return here.CopyIn(t.Context(), binary, theLab.Dir) },
	} {
		if err := prepare(); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args string) string {
		t.Helper()
		return w.on("lab-3", "cd "+w.dir+" && HOME=/root "+binary+" "+args+" -d lab 2>&1 || { echo exit $?; }")
	}
	// Its template asks git.
	w.write("config/deploy.yml", strings.ReplaceAll(w.read("config/deploy.yml"), "<%= `git rev-parse HEAD`.strip %>", "x"))
	overlay := func(builder string) {
		w.write("config/deploy.lab.yml", "registry: {server: \"localhost:5555\"}\nbuilder: {local: true, "+builder+"}\n")
		if err := here.CopyIn(t.Context(), w.dir); err != nil {
			t.Fatal(err)
		}
	}
	overlay("driver: docker-container, remote: \"\"")
	if out := run("registry login"); !strings.Contains(out, "Cannot use login command with a local registry") || !strings.Contains(out, "exit 2") {
		t.Error(out)
	}
	registries := func(all string) string {
		return w.on("lab-3", "docker ps "+all+" --format '{{.Names}}' --filter name=kamal-docker-registry")
	}
	if run("registry setup --skip-local"); registries("-a") != "" {
		t.Error("--skip-local started the registry")
	}
	if out := run("registry setup"); registries("") == "" {
		t.Error(out)
	}
	for version, builder := range map[string]string{
		"v1": "driver: docker-container, remote: \"\"", "v2": "driver: docker, remote: \"\"", "v3": "driver: docker, remote: \"ssh://root@lab-2\"",
	} {
		overlay(builder)
		out := run("build deliver --version " + version)
		if id := w.on("lab-1", "docker image inspect --format '{{.Id}}' localhost:5555/demo/shop:"+version+" || true"); id == "" {
			t.Errorf("%s: lab-1 lacks %s\n%s", builder, version, out)
		}
	}
	if run("registry remove --skip-local"); registries("") == "" {
		t.Error("--skip-local removed the registry")
	}
	if run("registry remove"); registries("-a") != "" {
		t.Error("the registry is still there")
	}
}
