package deploy

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// oneImage is a registry with one image; it takes a login.
type oneImage struct{ asked int }

func (r *oneImage) Login(context.Context) error { return nil }
func (r *oneImage) Auth() secret.Secret         { return secret.New("login") }
func (r *oneImage) Look(context.Context, string) (image.Made, string, error) {
	r.asked++
	return image.Made{Digest: "sha256:" + strings.Repeat("1", 64)}, "shop", nil
}

// What docker create would have to pull, without a login, is pulled before: onto
// the hosts that lack the version's tag, and no others.
func TestAnImageThatIsGoneIsPulledAgain(t *testing.T) {
	there := []plan.Image{{ID: "sha256:x", Tags: []string{"acme/shop:v1"}}}
	for name, c := range map[string]struct {
		a                 []plan.Image
		restart, rollback bool
		want              string
	}{
		"gone":     {nil, false, false, "pull login tag v1"},
		"there":    {there, false, false, ""},
		"restarts": {nil, true, false, ""}, // the container that is there needs no tag
		"rollback": {nil, false, true, "pull login tag v1"},
	} {
		t.Run(name, func(t *testing.T) {
			var did []string
			h := withLines(t, func(string) (run.Result, error) { return run.Result{}, nil }, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/images/create"):
					did = append(did, "pull "+r.Header.Get("X-Registry-Auth"))
				case strings.HasSuffix(r.URL.Path, "/tag"):
					did = append(did, "tag "+r.URL.Query().Get("tag"))
					w.WriteHeader(http.StatusCreated)
				}
			})
			web := &config.Role{Name: "web", Hosts: []config.Host{{Name: "a"}, {Name: "b"}}}
			reg := &oneImage{}
			e := &Engine{
				Config:    &config.Config{Service: "shop", Image: "acme/shop", Roles: []*config.Role{web}},
				Selection: &config.Selection{AppHosts: []string{"a", "b"}, Roles: []*config.Role{web}},
				Registry:  reg, Sink: &recorder{}, Now: time.Now, hosts: map[string]Host{"a": h},
			}
			seen := &plan.State{Hosts: []plan.HostState{{Name: "a", Images: c.a}, {Name: "b", Images: there}}}
			if c.rollback {
				if err := e.ensureVersion(t.Context(), seen, Request{Command: "rollback", Version: "v1"}); err != nil {
					t.Fatal(err)
				}
			} else if err := e.pullMissing(t.Context(), seen, Request{Command: "boot", Version: "v1", Restart: c.restart}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(did, " "); got != c.want || (reg.asked > 0) != (c.want != "") {
				t.Errorf("did %q, want %q; the registry was asked %d times", got, c.want, reg.asked)
			}
		})
	}
}
