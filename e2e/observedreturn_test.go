package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab"
)

// When the last of three hosts fails, the hosts that return find what the old
// version needs: its assets, and the error pages that the proxy is given.
func TestObservedReturn(t *testing.T) {
	// The host with two roles boots first, so the one that fails has to have one.
	w, overlay := beginReturn(t)
	for _, version := range []string{"v1", "v2"} {
		pushed(w, version)
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "v1")
	const packs = "docker exec shop-web-lab-v1 ls /rails/public/packs"
	before := map[*lab.Host]string{}
	for _, h := range theLab.Hosts {
		if before[h] = w.on(h.Name, packs); before[h] == "" {
			t.Fatalf("%s: no assets", h.Name)
		}
	}
	last := "servers:\n  web: {hosts: [lab-1, lab-2, {lab-3: bad}]}\nenv: {tags: {bad: {UNHEALTHY: \"1\"}}}\n"
	if err := w.project.Write("config/deploy.lab.yml", overlay+last); err != nil {
		t.Fatal(err)
	}
	if err := w.project.Write("public/502.html", "the new page\n"); err != nil {
		t.Fatal(err)
	}
	out := w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--version", "v2")
	if out.code != 1 {
		t.Fatalf("exit %d\n%s", out.code, out.out)
	}
	for _, h := range []string{"lab-1", "lab-2"} { // else there was nothing to return from
		if got := w.on(h, "docker inspect --format '{{.State.StartedAt}} {{.State.FinishedAt}}' shop-web-lab-v1"); strings.HasSuffix(got, " 0001-01-01T00:00:00Z") {
			t.Errorf("%s: the old container was never stopped: %s", h, got)
		}
	}
	w.wantServes("v1", "lab-1", "lab-2", "lab-3")
	for _, h := range theLab.Hosts {
		now := strings.Fields(w.on(h.Name, packs)) // the new version's lie beside them, for pages that name them
		for _, file := range strings.Fields(before[h]) {
			if !slices.Contains(now, file) {
				t.Errorf("%s: the returned container lost its asset %s; it has %v", h.Name, file, now)
			}
		}
		if got := w.on(h.Name, "cat .kamal/proxy/apps-config/shop-lab/error_pages/v1/502.html"); got != "the old page" {
			t.Errorf("%s: the old error page: %q", h.Name, got)
		}
		if state := w.on(h.Name, "cat /var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state"); !strings.Contains(state, "error_pages/v1\"") {
			t.Errorf("%s: the proxy reads other error pages: %s", h.Name, state)
		}
	}
	w.wantUnlocked()
}

func beginReturn(t *testing.T) (w *world, overlay string) {
	t.Helper()
	overlay = "boot: {limit: 1}\ndeploy_timeout: 6\nerror_pages_path: public\n"
	return begin(t, lab.ProjectOptions{
		Roles: []lab.Role{
			{Name: "web", Hosts: []string{"lab-1", "lab-2", "lab-3"}},
			{Name: "sidekiq", Hosts: []string{"lab-1"}, Cmd: "bundle exec sidekiq"},
		},
		Overlay: overlay, Files: map[string]string{"public/502.html": "the old page\n"},
	}), overlay
}

// Where the proxy can't be pointed back, what it serves is left running: the
// host goes on answering, and the outcome says so.
func TestObservedReturnThatIsRefused(t *testing.T) {
	w, overlay := beginReturn(t)
	for _, version := range []string{"v1", "v2"} {
		pushed(w, version)
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "v1")
	w.on("lab-1", "rm .kamal/proxy/apps-config/shop-lab/error_pages/v1/*") // the proxy asks for them
	last := "servers:\n  web: {hosts: [lab-1, lab-2, {lab-3: bad}]}\nenv: {tags: {bad: {UNHEALTHY: \"1\"}}}\n"
	if err := w.project.Write("config/deploy.lab.yml", overlay+last); err != nil {
		t.Fatal(err)
	}
	out := w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--version", "v2")
	if out.code != 6 { // a person must look
		t.Errorf("exit %d\n%s", out.code, out.out)
	}
	w.contains(out, "unable to load error pages", "is left running", "lab-1: web serves v2", "lab-2: web serves v1", "lab-3: web serves v1")
	w.wantServes("v2", "lab-1")
	w.wantServes("v1", "lab-2", "lab-3")
	w.wantUnlocked()
}
