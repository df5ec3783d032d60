package deploy

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Kamal logs a host in before it runs or reboots the proxy; here the login goes
// with the pull, of an image that is missing and lies in the app's registry.
func TestTheProxysImageIsPulledWithTheLogin(t *testing.T) {
	boot := plan.Step{Kind: plan.Proxy, Host: "a", Proxy: &plan.ProxyUp{Run: true}}
	for _, c := range []struct {
		name    string
		step    plan.Step
		missing string
		auth    string
		want    string // image and login of the pull
	}{
		{"boot", boot, "reg.test/kamal-proxy:v0.9.2", "login", "reg.test/kamal-proxy:v0.9.2 login"},
		{"reboot", plan.Step{Kind: plan.Pull, Host: "a"}, "reg.test/kamal-proxy:v0.9.2", "login", "reg.test/kamal-proxy:v0.9.2 login"},
		{"it is there", boot, "", "login", ""},
		{"elsewhere", boot, "basecamp/kamal-proxy:v0.9.2", "", ""}, // as the host's own docker can
	} {
		t.Run(c.name, func(t *testing.T) {
			var pulled, ran string
			h := withLines(t, func(line string) (run.Result, error) {
				ran = line
				if strings.HasPrefix(line, "image=") {
					return run.Result{Stdout: c.missing + "\n"}, nil
				}
				return run.Result{}, nil
			}, func(_ http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/images/create") {
					pulled = r.URL.Query().Get("fromImage") + ":" + r.URL.Query().Get("tag") + " " + r.Header.Get("X-Registry-Auth")
				}
			})
			e := &Engine{Config: &config.Config{}, hosts: map[string]Host{"a": h}}
			e.AccessoryAuth = func(context.Context, *config.Accessory) (secret.Secret, error) { return secret.New(c.auth), nil }
			if _, err := newWorker(e, Request{}, &held{}).do(t.Context(), c.step); err != nil {
				t.Fatal(err)
			}
			if pulled != c.want {
				t.Errorf("pulled %q, want %q", pulled, c.want)
			}
			if c.step.Proxy != nil && !strings.Contains(ran, "docker run") {
				t.Errorf("the last line was %q", ran)
			}
		})
	}
}
