package deploy

import (
	"strings"
	"testing"

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
