package resolve_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

const base = "service: shop\nimage: acme/shop\nregistry: {username: bob, password: [PW]}\n"

func parse(t *testing.T, yaml string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "config"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config/deploy.yml"), []byte(base+yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(context.Background(), config.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func is(t *testing.T, want, got string) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestBuilder(t *testing.T) {
	for builder, want := range map[string]string{
		"{arch: amd64}":                                      "local kamal-local-docker-container amd64|",
		"{arch: amd64, driver: docker}":                      "local  amd64|",
		"{arch: amd64, driver: cloud org/name}":              "cloud cloud-org-name amd64|",
		"{arch: amd64, remote: ssh://h}":                     "local kamal-local-docker-container amd64|",
		"{arch: arm64, remote: ssh://h}":                     "remote kamal-remote-ssh---h |arm64",
		"{arch: [amd64, arm64], remote: ssh://h}":            "hybrid kamal-hybrid-docker-container-ssh---h amd64|arm64",
		"{arch: amd64, remote: ssh://h, local: false}":       "remote kamal-remote-ssh---h |amd64",
		"{arch: amd64, pack: {builder: b, buildpacks: [x]}}": "pack  amd64|",
	} {
		c := parse(t, "servers: [h1]\nbuilder: "+builder+"\n")
		kind, name := resolve.Builder(c, "amd64")
		local, remote := resolve.Arches(c.Builder, "amd64")
		is(t, want, string(kind)+" "+name+" "+strings.Join(local, ",")+"|"+strings.Join(remote, ","))
	}
}

func TestCache(t *testing.T) {
	for cache, want := range map[string]string{
		"{type: registry}":                           "type=registry,ref=acme/shop-build-cache",
		"{type: registry, image: own, options: a=b}": "type=registry,ref=own,a=b",
		"{type: gha}":                                "type=gha",
	} {
		is(t, want, resolve.Cache(parse(t, "servers: [h1]\nbuilder: {arch: amd64, cache: "+cache+"}\n")).To)
	}
}

func TestBootLimit(t *testing.T) {
	for limit, want := range map[string]string{"2": "2", "25%": "1", "50%": "2", "100%": "5", "1%": "1", `"x%"`: "1", "0": "0"} {
		is(t, want, resolve.BootLimit(parse(t, "builder: {arch: amd64}\nservers: [a, b, c, d]\naccessories: {db: {image: x, host: e}}\nboot: {limit: "+limit+"}\n")))
	}
	is(t, "null", resolve.BootLimit(parse(t, "builder: {arch: amd64}\nservers: [a]\n")))
}

func TestLogArgs(t *testing.T) {
	c := parse(t, "builder: {arch: amd64}\nservers: [a]\nlogging: {driver: gelf, options: {labels: [a, 1, true], none: [], tag: x}}\n")
	is(t, `--log-driver "gelf" --log-opt labels="[\"a\", 1, true]" --log-opt none --log-opt tag="x"`, strings.Join(resolve.LogArgs(c.Logging), " "))
}

func TestStopArgs(t *testing.T) {
	c := parse(t, "builder: {arch: amd64}\nservers: {web: [a], jobs: [b], cron: {hosts: [c], stop_timeout: 0}}\n")
	is(t, "", strings.Join(resolve.StopArgs(c, c.Role("web")), " "))
	is(t, "-t 30", strings.Join(resolve.StopArgs(c, c.Role("jobs")), " "))
	is(t, "-t 0", strings.Join(resolve.StopArgs(c, c.Role("cron")), " "))
}

func TestSecretNames(t *testing.T) {
	c := parse(t, "builder: {arch: amd64, secrets: [GH]}\nservers: {web: {hosts: [{a: t}], env: {secret: [\"X:ROLE\"]}}}\n"+
		"env: {secret: [ROOT], tags: {t: {secret: [TAG]}}}\nproxy: {host: h, ssl: {certificate_pem: CERT, private_key_pem: KEY}}\n"+
		"accessories: {db: {image: x, host: e, env: {secret: [DB, ROOT]}, registry: {server: r, username: [U], password: [PW]}}}\n")
	is(t, "ROOT ROLE TAG CERT KEY PW DB U GH", strings.Join(resolve.SecretNames(c), " "))
}

// A local registry asks for no login, whatever the base file has for another.
func TestSecretNamesOfALocalRegistry(t *testing.T) {
	c := parse(t, "builder: {arch: amd64}\nservers: [a]\nregistry: {server: \"localhost:5555\", username: bob, password: [PW]}\n")
	is(t, "", strings.Join(resolve.SecretNames(c), " "))
	is(t, "", c.Registry.Username.Literal)
}

func TestAccessoryEnviron(t *testing.T) {
	c := parse(t, "builder: {arch: amd64}\naccessories: {db: {image: x, host: e, env: {clear: {A: one, B: 2}, secret: [\"A:S\"]}}}\n")
	got, err := resolve.AccessoryEnviron(c.Accessory("db"), func(name string) (string, error) { return "value of " + name, nil })
	if err != nil {
		t.Fatal(err)
	}
	is(t, "A=one,B=2,A=value of S", strings.Join(got, ","))
	if !resolve.IsTemplate("x.sql.erb") || !resolve.IsTemplate("xerb") || resolve.IsTemplate("x.erb.sql") {
		t.Error("a template's name ends in erb")
	}
}

// A container that was moved out of the way is of the version it had before: that
// version's error pages lie on the host.
func TestErrorPagesOfAReplacedContainer(t *testing.T) {
	c := parse(t, "builder: {arch: amd64}\nservers: [h1]\nerror_pages_path: public\nproxy: {host: h}\n")
	want := `--error-pages="/home/kamal-proxy/.apps-config/shop/error_pages/v1"`
	for _, version := range []string{"v1", "v1_replaced_39097b5f5ff1d41d"} {
		if line := resolve.ProxyDeploy(c, c.Role("web"), version, "0123456789ab:80").Line(); !strings.Contains(line, want) {
			t.Errorf("%s: %s lacks %s", version, line, want)
		}
	}
}
