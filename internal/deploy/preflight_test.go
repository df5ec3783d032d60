package deploy

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// A proxy that this app has nothing to do with may be as old as it likes.
func TestOnlyTheAppsProxiesAreJudged(t *testing.T) {
	old := plan.ProxyState{Exists: true, Running: true, Version: "v0.8.0"}
	e := &Engine{Config: &config.Config{}, Selection: &config.Selection{Hosts: []string{"a", "b"}, ProxyHosts: []string{"a"}}}
	for host, want := range map[string]string{"a": "a: kamal-proxy version v0.8.0 is too old", "b": ""} {
		seen := &Observed{State: plan.State{Hosts: []plan.HostState{{Name: host, Proxy: old}}}}
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
		err := e.preflight(t.Context(), &Observed{State: plan.State{Hosts: []plan.HostState{c.host}}}, Request{})
		var coded interface{ ExitCode() int }
		if !errors.As(err, &coded) || coded.ExitCode() != c.want {
			t.Errorf("%s: %v, want exit code %d", name, err, c.want)
		}
	}
}
