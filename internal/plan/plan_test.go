package plan

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
)

var update = flag.Bool("update", false, "write the golden texts anew")

const project = `
service: shop
image: acme/shop
servers:
  web: {hosts: [a, b]}
  sidekiq: {hosts: [b], cmd: bundle exec sidekiq}
registry: {username: bob, password: s3cret}
builder: {arch: amd64}
env: {clear: {PORT: 80}, secret: [KEY]}
x-hwdeploy:
  migrate: {role: sidekiq}
  quiet: {roles: [sidekiq]}
`

// load reads a project with the lines of overlay merged over it.
func load(t *testing.T, overlay string) (*config.Config, *config.Selection) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"deploy.yml": project, "deploy.over.yml": "x-none: 1\n" + overlay} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(t.Context(), config.Options{Dir: dir, File: "deploy.yml", Destination: "over"})
	if err != nil {
		t.Fatal(err)
	}
	sel, err := cfg.Select(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, sel
}

func container(name, role, state, image string, created int64) Container {
	return Container{
		ID: Nonce(name, 12) + strings.Repeat("0", 52), Name: name, State: state, Role: role, ImageID: image,
		Destination: "over", HasDestination: true, Created: created,
	}
}

// live is a fleet on which v1 serves.
func live() State {
	host := func(name string, cs ...Container) HostState {
		return HostState{
			Name: name, Network: true, Containers: cs, Images: []Image{{ID: "sha256:v1", Tags: []string{"acme/shop:v1", "acme/shop:latest-over"}}},
			EnvFiles: map[string]map[string]string{"web": {"": "x"}, "sidekiq": {"": "y"}},
			Proxy: ProxyState{Exists: true, Running: true, Version: "v0.9.2", Services: map[string]string{
				"shop-web-over": cs[0].ID[:12] + ":80",
			}},
		}
	}
	web, jobs := container("shop-web-over-v1", "web", "running", "sha256:v1", 10), container("shop-sidekiq-over-v1", "sidekiq", "running", "sha256:v1", 11)
	return State{Hosts: []HostState{host("a", web), host("b", web, jobs)}}
}

// environment is live with what its containers have for variables; PATH is the
// image's.
func environment() State {
	s := live()
	for i := range s.Hosts {
		h := &s.Hosts[i]
		h.Env, h.ImageEnv = map[string]map[string]string{}, map[string]map[string]string{"sha256:v1": {"PATH": "p"}}
		for _, c := range h.Containers {
			h.Env[c.ID] = map[string]string{"PATH": "p", "KAMAL_VERSION": "v1", "PORT": "same", "KEY": "old"}
			if c.Role == "web" {
				h.Env[c.ID]["GONE"], h.Env[c.ID]["HOSTS"] = "y", "z"
			}
		}
	}
	return s
}

func rollout(t *testing.T, overlay string, state State, change func(*Options)) Plan {
	t.Helper()
	cfg, sel := load(t, overlay)
	o := Options{Command: "deploy", Version: "v2", Run: "0123456789abcdef", Migrate: true, Quiet: true, Proxy: true, Prune: true}
	if change != nil {
		change(&o)
	}
	p, err := Rollout(Input{Config: cfg, Selection: sel, State: state, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The golden texts under testdata are the specification of the planner: read
// them beside the cases here.
func TestGolden(t *testing.T) {
	bare := State{Hosts: []HostState{{Name: "a"}, {Name: "b"}}}
	same := live()
	interrupted := live()
	// v2 was switched to on a, then the deployer died: latest still names v1, and
	// both run. What the proxy serves is live.
	v2 := container("shop-web-over-v2", "web", "running", "sha256:v2", 20)
	interrupted.Hosts[0].Containers = append([]Container{v2}, interrupted.Hosts[0].Containers...)
	interrupted.Hosts[0].Proxy.Services["shop-web-over"] = v2.ID[:12] + ":80"
	cases := []struct {
		name, overlay string
		state         State
		change        func(*Options)
	}{
		{"first-deploy", "", bare, nil},
		{"deploy", "", live(), nil},
		{"same-version", "", same, func(o *Options) { o.Version = "v1" }},
		{"groups", "boot: {limit: 1, wait: 3}", live(), func(o *Options) {
			o.UserHooks = map[string]bool{"pre-deploy": true, "pre-app-boot": true, "post-app-boot": true}
		}},
		{"parallel-roles", "boot: {parallel_roles: true}", live(), nil},
		{"skip-hooks", "", live(), func(o *Options) { o.SkipHooks, o.UserHooks = true, map[string]bool{"pre-deploy": true} }},
		{"after-interruption", "", interrupted, func(o *Options) { o.Version = "v3" }},
		{"environment", "", environment(), func(o *Options) {
			o.Env = map[string]map[string]string{
				"a/web": {"PORT": "same", "KEY": "new", "FRESH": "x", "HOSTS": ""}, "b/web": {"PORT": "same", "KEY": "new", "FRESH": "x", "HOSTS": ""}, "b/sidekiq": {"PORT": "same", "KEY": "old"},
			}
		}},
		{"rollback", "asset_path: /assets", live(), func(o *Options) { o.Command, o.Migrate, o.Version = "rollback", false, "v0" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := rollout(t, c.overlay, c.state, c.change).Text()
			golden(t, c.name, got)
		})
	}
}

func TestAPlanIsAFunctionOfItsInput(t *testing.T) {
	if a, b := rollout(t, "", live(), nil).Text(), rollout(t, "", live(), nil).Text(); a != b {
		t.Errorf("two plans differ:\n%s\n%s", a, b)
	}
}

// Every need names a step that comes before, so a plan can always be walked.
func TestNeedsNameEarlierSteps(t *testing.T) {
	for _, p := range []Plan{rollout(t, "", live(), nil), rollout(t, "boot: {limit: 1}\nasset_path: /x", live(), nil)} {
		seen := map[string]bool{}
		for _, s := range p.Steps {
			for _, need := range append(s.Needs, s.AnyOf...) {
				if !seen[need] && !p.has(need) {
					t.Errorf("%s needs %s, which is no step", s.ID, need)
				}
			}
			for _, need := range s.Needs {
				if !seen[need] {
					t.Errorf("%s comes before %s, which it needs", s.ID, need)
				}
			}
			seen[s.ID] = true
		}
	}
}

// The tag latest leaves an old image before prune looks at it, and the audit log
// tells the two in that order.
func TestPruneWaitsForTheTag(t *testing.T) {
	p := rollout(t, "", live(), nil)
	for _, host := range []string{"a", "b"} {
		s, ok := p.Find(host + "/prune-images")
		if !ok || !slices.Contains(s.Needs, host+"/tag") {
			t.Errorf("%s/prune-images needs %v, not %s/tag", host, s.Needs, host)
		}
	}
}

func (p Plan) has(id string) bool { _, ok := p.Find(id); return ok }

func TestGroups(t *testing.T) {
	hosts := []string{"a", "b", "c", "d", "e"}
	for limit, want := range map[string]string{"": "a,b,c,d,e", "2": "a,b c,d e", "40%": "a,b c,d e", "1%": "a b c d e"} {
		cut, err := groups(hosts, limit, 5)
		var got []string
		for _, g := range cut {
			got = append(got, strings.Join(g, ","))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("limit %q: %v, %v; want %s", limit, got, err, want)
		}
	}
	if _, err := groups(hosts, "0", 5); err == nil {
		t.Error("limit 0 is taken")
	}
}

// A container that an earlier boot of its version moved out of the way mounts the
// folder of that version: it is bridged with that.
func TestAssetsAreBridgedWithAReplacedContainer(t *testing.T) {
	s := live()
	for i := range s.Hosts {
		s.Hosts[i].Containers[0].Name += "_replaced_39097b5f5ff1d41d"
	}
	p := rollout(t, "asset_path: /assets", s, nil)
	step, ok := p.Find("a/prepare")
	if !ok || len(step.Prepare.Roles) != 1 || step.Prepare.Roles[0].Old != "v1" {
		t.Errorf("%v: %+v, wanted v1", ok, step.Prepare)
	}
}

// The version before is the newest that stopped and had served.
func TestPrevious(t *testing.T) {
	cfg, sel := load(t, "")
	in := Input{Config: cfg, Selection: sel, State: grown()}
	for never, want := range map[string]string{"": "v0", "v9": "v0", "v0": "v-1", "v0 v-1": ""} {
		if got := Previous(in, strings.Fields(never)); got != want {
			t.Errorf("but for %q: %q, want %q", never, got, want)
		}
	}
}

// What a deploy of the same version moves out of the way is nothing that a rollback
// could name: the newest stopped container of another version stays beside it.
func TestPruneKeepsWhatARollbackWouldWant(t *testing.T) {
	p := rollout(t, "retain_containers: 1", grown(), func(o *Options) { o.Version = "v1" })
	s, _ := p.Find("a/prune-containers")
	if got := names(s.Prune.Containers); got != "shop-web-over-v-1" {
		t.Errorf("removes %s, wanted shop-web-over-v-1 only", got)
	}
}

// A certificate is closed to all but the proxy's user, whom only a running proxy
// shows: on a host that has none yet it comes after it, what else is prepared
// does not wait.
func TestACertificateComesAfterTheProxy(t *testing.T) {
	const own = "proxy: {host: h, ssl: {certificate_pem: CERT, private_key_pem: KEY}}"
	bare := State{Hosts: []HostState{{Name: "a"}, {Name: "b"}}}
	for _, c := range []struct {
		name, overlay string
		state         State
		want          bool
	}{
		{"first boot", own, bare, true},
		{"the proxy runs", own, live(), false},
		{"assets only", "asset_path: /assets", bare, false},
	} {
		s, ok := rollout(t, c.overlay, c.state, nil).Find("a/prepare")
		if !ok || slices.Contains(s.Needs, "a/proxy") != c.want || slices.Contains(s.Needs, "b/proxy") {
			t.Errorf("%s: %v, needs %v", c.name, ok, s.Needs)
		}
	}
}
