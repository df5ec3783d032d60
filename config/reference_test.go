package config

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

// project loads the repository's own configuration.
func project(t *testing.T, destination string) *Config {
	t.Helper()
	shell := func(ctx context.Context, line string, _ []string) (string, error) {
		c := exec.CommandContext(ctx, "sh", "-c", line)
		c.Dir = ".."
		out, err := c.Output()
		return string(out), err
	}
	c, err := Load(t.Context(), Options{Dir: "..", Destination: destination, Shell: shell})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Warnings {
		t.Errorf("warning: %s", w)
	}
	return c
}

func TestReferenceProjectHasNoWarnings(t *testing.T) {
	for _, destination := range []string{"", "staging", "lab"} {
		t.Run("destination "+destination, func(t *testing.T) { project(t, destination) })
	}
}

func TestReferenceProject(t *testing.T) {
	c := project(t, "")
	equal(t, "repository", c.Repository(), "ghcr.io/warmlyyours/heatwave")
	equal(t, "hosts", c.AllHosts(), []string{"192.0.2.20", "192.0.2.10", "192.0.2.11"})
	equal(t, "primary host", c.PrimaryHost(), "192.0.2.10")
	equal(t, "deploy timeout", c.DeployTimeout, 90)
	equal(t, "health path", c.Role("web").Proxy.Health.Path, "/up")
	equal(t, "revision length", len(c.Builder.Args[0].Value.Text()), 40)
	equal(t, "context set", c.Builder.ContextSet, true)
	equal(t, "migrate role", c.Extension.Migrate.Role, "sidekiq")
	equal(t, "quiet max", c.Extension.Quiet.Max, 15*time.Minute)
	equal(t, "when", c.Extension.Assets.When, "before-swap")
	equal(t, "edge worker", c.Extension.Edge.Worker, "workers/www-edge/wrangler.toml")
}

func TestReferenceDestinations(t *testing.T) {
	staging := project(t, "staging")
	equal(t, "command stays", staging.Role("sidekiq").Cmd.Value, "bundle exec sidekiq")
	equal(t, "purge", staging.Extension.Edge.Purge, "everything")
	equal(t, "on failure", staging.Extension.Assets.OnFailure, "warn")
	equal(t, "paths stay", staging.Extension.Assets.Paths, []string{"/rails/public/packs"})

	lab := project(t, "lab")
	equal(t, "hosts", lab.AllHosts(), []string{"lab-1"})
	equal(t, "repository", lab.Repository(), "172.28.0.5:5000/warmlyyours/heatwave")
	if lab.Extension.Edge != nil || lab.Extension.Assets != nil || lab.Extension.Sourcemaps != nil {
		t.Error("the lab must touch nothing outside")
	}
}

func TestInitWritesAProjectWithoutWarnings(t *testing.T) {
	dir := t.TempDir()
	created, err := Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "files", len(created), 11)
	c, err := Load(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "warnings", len(c.Warnings), 0)
	equal(t, "local registry", c.Registry.Local, true)

	again, err := Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "made again", len(again), 0)
}
