package deploy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// A proxy that this app has nothing to do with may be as old as it likes.
func TestOnlyTheAppsProxiesAreJudged(t *testing.T) {
	old := plan.ProxyState{Exists: true, Running: true, Version: "v0.8.0"}
	e := &Engine{Config: &config.Config{}, Selection: &config.Selection{Hosts: []string{"a", "b"}, ProxyHosts: []string{"a"}}}
	for host, want := range map[string]string{"a": "a: kamal-proxy version v0.8.0 is too old", "b": ""} {
		seen := &plan.State{Hosts: []plan.HostState{{Name: host, Proxy: old}}}
		err := e.preflight(t.Context(), seen, Request{Command: "deploy"})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("on %s: %v, want %q", host, err, want)
		}
	}
}

// A host in a bad state is no mistake in the configuration: 1, as doctor has it.
func TestWhatPreflightEndsWith(t *testing.T) {
	full := plan.HostState{Name: "a", FreeKB: 1024}
	old := plan.HostState{Name: "a", Proxy: plan.ProxyState{Exists: true, Running: true, Version: "v0.1.0"}}
	for name, c := range map[string]struct {
		pages string
		host  plan.HostState
		want  int
	}{
		"a full disk":      {"", full, 1},
		"an old proxy":     {"", old, 1},
		"no error pages":   {"public", plan.HostState{Name: "a"}, 3},
		"both: look there": {"public", full, 1},
	} {
		e := &Engine{Config: &config.Config{ErrorPagesPath: c.pages}, Selection: &config.Selection{ProxyHosts: []string{"a"}}, Pages: fstest.MapFS{}}
		err := e.preflight(t.Context(), &plan.State{Hosts: []plan.HostState{c.host}}, Request{})
		var coded interface{ ExitCode() int }
		if !errors.As(err, &coded) || coded.ExitCode() != c.want {
			t.Errorf("%s: %v, want exit code %d", name, err, c.want)
		}
	}
}

// noSecrets has none.
type noSecrets struct{ Secrets }

func (noSecrets) Lookup(_ context.Context, name string) (secret.Secret, error) {
	return secret.Secret{}, errors.New("Secret '" + name + "' not found")
}

// A secret that is missing is told with the place that wants it, once.
func TestAMissingSecretIsToldAtItsPlace(t *testing.T) {
	wanted := config.Text{Value: "TOKEN", Pos: config.Pos{File: "config/deploy.yml", Line: 7, Col: 5}}
	role := &config.Role{Name: "web", Hosts: []config.Host{{Name: "a"}, {Name: "b"}}}
	role.Proxy.CertificatePEM = "CERT"
	e := &Engine{
		Config: &config.Config{Env: config.Env{Secret: []config.Text{wanted}}}, Selection: &config.Selection{Roles: []*config.Role{role}},
		Secrets: noSecrets{}, Pages: fstest.MapFS{},
	}
	err := e.preflight(t.Context(), &plan.State{}, Request{})
	if want := "config/deploy.yml:7:5: Secret 'TOKEN' not found\nSecret 'CERT' not found"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// A worker that cannot be told to be quiet is found before anything is built;
// one that is not to be told is nobody's concern.
func TestAMuteWorkerIsFoundBeforeTheBuild(t *testing.T) {
	role := &config.Role{Name: "jobs", Hosts: []config.Host{{Name: "web-1"}}}
	for name, c := range map[string]struct {
		said    string
		quiet   []string
		request Request
		want    string
	}{
		"no sh":               {"mute 1234", []string{"jobs"}, Request{}, "web-1: shop-jobs-v1 has no sh"},
		"it answers":          {"1 1234", []string{"jobs"}, Request{}, ""},
		"it has just died":    {"137 1234", []string{"jobs"}, Request{}, ""},
		"not told":            {"mute 1234", []string{"jobs"}, Request{SkipHooks: true}, ""},
		"of the last version": {"mute 9999", []string{"jobs"}, Request{}, ""},
	} {
		h := &standin{name: "web-1", run: func(run.Cmd) (run.Result, error) { return run.Result{Stdout: c.said + "\n"}, nil }}
		e := &Engine{
			Config:    &config.Config{Service: "shop", Extension: config.Extension{Quiet: &config.Quiet{Roles: c.quiet}}},
			Selection: &config.Selection{Roles: []*config.Role{role}}, Pages: fstest.MapFS{}, Sink: &recorder{},
		}
		st := plan.HostState{Name: "web-1", Containers: []plan.Container{
			{ID: "1234", Name: "shop-jobs-v1", Role: "jobs", HasDestination: true, State: "running"},
		}}
		if err := e.observeWorkers(t.Context(), h, &st); err != nil {
			t.Fatal(err)
		}
		err := e.preflight(t.Context(), &plan.State{Hosts: []plan.HostState{st}}, c.request)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A worker that is killed before Sidekiq can put its jobs back is told of.
func TestAWorkerThatIsKilledTooEarly(t *testing.T) {
	own := 30
	for name, c := range map[string]struct {
		role  config.Role
		drain int
		want  bool
	}{
		"the drain timeout is short": {config.Role{Name: "jobs"}, 5, true},
		"the role has its own":       {config.Role{Name: "jobs", StopTimeout: &own}, 5, false},
		"the drain timeout is long":  {config.Role{Name: "jobs"}, 30, false},
		"docker's ten seconds":       {config.Role{Name: "jobs", Proxied: true}, 30, true},
		"not a worker":               {config.Role{Name: "web"}, 5, false},
	} {
		rec := &recorder{}
		e := &Engine{
			Config:    &config.Config{DrainTimeout: c.drain, Extension: config.Extension{Quiet: &config.Quiet{Roles: []string{"jobs"}}}},
			Selection: &config.Selection{Roles: []*config.Role{&c.role}}, Pages: fstest.MapFS{}, Sink: rec,
		}
		if err := e.preflight(t.Context(), &plan.State{}, Request{}); err != nil {
			t.Fatal(err)
		}
		if got := len(rec.events) > 0; got != c.want {
			t.Errorf("%s: told %v, want %v", name, got, c.want)
		}
	}
}
