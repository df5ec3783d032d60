package deploy

import (
	"testing"
	"testing/fstest"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// A full disk or an old proxy is no mistake in the configuration.
func TestPreflightTellsTheConfigurationsFaultFromTheHosts(t *testing.T) {
	full := plan.HostState{Name: "web-1", FreeKB: 1024}
	old := plan.HostState{Name: "web-1", Proxy: plan.ProxyState{Exists: true, Running: true, Version: "v0.1.0"}}
	for name, c := range map[string]struct {
		pages string
		host  plan.HostState
		want  int
	}{
		"configuration": {"public", plan.HostState{Name: "web-1"}, 3},
		"disk":          {"", full, 1},
		"proxy":         {"", old, 1},
		"both":          {"public", full, 1},
	} {
		e := &Engine{Config: &config.Config{ErrorPagesPath: c.pages}, Selection: &config.Selection{}, Dir: fstest.MapFS{}}
		err := e.preflight(t.Context(), &Observed{State: plan.State{Hosts: []plan.HostState{c.host}}}, Request{})
		coded, ok := err.(interface{ ExitCode() int }) //nolint:errorlint // its own
		if !ok || coded.ExitCode() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
