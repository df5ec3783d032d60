package config

import (
	"testing"
)

func loadStage(t *testing.T, base, stage string) (*Config, error) {
	t.Helper()
	dir := files{"config/deploy.yml": based(base), "config/deploy.stage.yml": stage}.write(t)
	return Load(t.Context(), Options{Dir: dir, Destination: "stage"})
}

func TestDestinationMerge(t *testing.T) {
	c, err := loadStage(t, `
servers: {web: {hosts: [a], cmd: serve, options: {memory: 1g}}, jobs: [b]}
env: {clear: {LOG: info, REGION: eu}, secret: [DB_URL]}
volumes: ["data:/data"]
`, `
servers: {web: {hosts: [c], options: {cpus: 2}}, jobs: {hosts: [d]}}
env: {clear: {EXTRA: 1, LOG: debug}, secret: [OTHER]}
volumes: ["tmp:/tmp"]
x-note: [1]
`)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "env", c.Raw.Get("env").JSON(), `{"clear":{"LOG":"debug","REGION":"eu","EXTRA":1},"secret":["OTHER"]}`)
	equal(t, "servers", c.Raw.Get("servers").JSON(), `{"web":{"hosts":["c"],"cmd":"serve","options":{"memory":"1g","cpus":2}},"jobs":{"hosts":["d"]}}`)
	equal(t, "volumes", len(c.Volumes), 1)
	equal(t, "latest tag", c.LatestTag(), "latest-stage")
	equal(t, "command stays", c.Role("web").Cmd.Value, "serve")
	equal(t, "place of a base value", c.Role("web").Cmd.Pos.File, "config/deploy.yml")
	equal(t, "place of a destination value", c.Role("web").Hosts[0].Pos.File, "config/deploy.stage.yml")
}

// TestListAndMapReplaceEachOther: only maps merge.
func TestListAndMapReplaceEachOther(t *testing.T) {
	c, err := loadStage(t, "servers: [a]\n", "servers: {web: [b], jobs: [c]}\n")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "roles", roleNames(c.Roles), []string{"jobs", "web"})
	c, err = loadStage(t, "servers: {web: [b], jobs: [c]}\n", "servers: [a]\n")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "hosts", c.AllHosts(), []string{"a"})
}

func TestNullInTheDestinationIsRefused(t *testing.T) {
	_, err := loadStage(t, "servers: [a]\nenv: {LOG: info}\n", "env:\n")
	got := first(t, err)
	equal(t, "message", got.Message, "env: should be a hash")
	equal(t, "file", got.Pos.File, "config/deploy.stage.yml")
}

func TestAnEmptyDestinationChangesNothing(t *testing.T) {
	c, err := loadStage(t, "servers: [a]\n", "# nothing\n")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "warnings", len(c.Warnings), 1)
	equal(t, "hosts", c.AllHosts(), []string{"a"})
}

func TestAnchorsArePerFile(t *testing.T) {
	_, err := loadStage(t, "x-a: &a {b: c}\nservers: [a]\n", "labels: *a\n")
	equal(t, "kind", first(t, err).Kind, SyntaxError)
}

func TestMergeKeysOverrideWithoutWarning(t *testing.T) {
	c := mustLoad(t, `
x-role: &role {env: {POOL: 5}, options: {memory: 1g}}
servers:
  web: {<<: *role, hosts: [a]}
  jobs:
    <<: *role
    hosts: [b]
    options: {memory: 4g}
`)
	equal(t, "jobs", c.Role("jobs").Options[0].Value.Text(), "4g")
	equal(t, "web", c.Role("web").Options[0].Value.Text(), "1g")
	equal(t, "warnings", len(c.Warnings), 0)
}

// TestAMergeKeyOverWhatStandsAbove: `<<` replaces what was written above it.
func TestAMergeKeyOverWhatStandsAbove(t *testing.T) {
	c := mustLoad(t, `
servers: [a]
x-log: &log {max-size: 5m}
x-file: &file {max-file: 3}
logging:
  options:
    <<: *file
    max-size: 1m
    <<: [*log, *file]
    mode: x
`)
	equal(t, "options", c.Raw.Lookup("logging", "options").JSON(), `{"max-file":3,"max-size":"5m","mode":"x"}`)
	equal(t, "warnings", len(c.Warnings), 1)
	equal(t, "message", c.Warnings[0].Message, "key max-size is replaced by what << merges in below; this value is lost")
}

func TestDestinationFileName(t *testing.T) {
	for path, want := range map[string]string{
		"config/deploy.yml": "config/deploy.stage.yml", "ops/shop.yaml": "ops/shop.stage.yml",
		"deploy.erb.yml": "deploy.erb.stage.yml", "deploy": "deploy.stage.yml", "a.b/deploy": "a.b/deploy.stage.yml",
		"a/.deploy": "a/.deploy.stage.yml",
	} {
		equal(t, path, destinationFile(path, "stage"), want)
	}
}

func TestMissingFiles(t *testing.T) {
	dir := files{"config/deploy.yml": based("servers: [a]\n")}.write(t)
	_, err := Load(t.Context(), Options{Dir: dir, Destination: "nowhere"})
	equal(t, "destination", first(t, err).Message, "Configuration file not found in "+dir+"/config/deploy.nowhere.yml")
	equal(t, "kind", first(t, err).Kind, RuntimeError)

	_, err = Load(t.Context(), Options{Dir: dir, File: "~/no.yml", Environ: []string{"HOME=" + dir}})
	equal(t, "home", first(t, err).Message, "Configuration file not found in "+dir+"/no.yml")
}

func TestPathsAreThoseOfTheWorkingDirectory(t *testing.T) {
	dir := files{"ops/shop.yml": based("servers: [a]\n"), ".kamal/hooks/post-traefik-reboot": "", ".kamal/hooks/pre-traefik-reboot": ""}.write(t)
	_, err := Load(t.Context(), Options{Dir: dir, File: "ops/shop.yml"})
	equal(t, "message", first(t, err).Message, "Found pre-traefik-reboot, post-traefik-reboot, these should be renamed to (pre|post)-proxy-reboot")
}
