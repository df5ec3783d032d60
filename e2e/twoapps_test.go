package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab"
)

// also is a second project on the same hosts.
func (w *world) also(o lab.ProjectOptions) *world {
	w.Helper()
	dir := filepath.Join(w.TempDir(), "project")
	p, err := lab.WriteProject(w.Context(), dir, theLab, o)
	if err != nil {
		w.Fatal(err)
	}
	return &world{T: w.T, project: p, dir: dir, env: w.env}
}

// Two apps share the proxy of a host. The first is removed without harm to the
// second, the proxy with it as long as it is needed; with the second nothing of
// either is left but what Kamal leaves.
//
// proves: remove, remove --confirmed, details
func TestTwoAppsOnOneProxy(t *testing.T) {
	shop := withAccessories(t)
	blog := shop.also(lab.ProjectOptions{
		Service: "blog", Roles: []lab.Role{{Name: "web", Hosts: []string{"lab-1"}}}, ProxyHost: "blog.example.test",
		Extension: "  known_hosts: config/known_hosts\n  insecure_registry: true\n",
	})
	pushApp(shop, "demo/blog:b1", "blog", "b1")
	shop.must("setup", "--skip-push", "--version", pushed(shop, "v1"), "-d", "lab")
	blog.must("deploy", "--skip-push", "--version", "b1", "-d", "lab")
	shop.wantSite("shop.example.test", 200, "v1")
	shop.wantSite("blog.example.test", 200, "b1")
	shop.wantSite("docs.example.test", 200, "tool-1")

	o := shop.must("details", "-d", "lab")
	shop.contains(o, "Proxy Host: lab-1", "App Host: lab-1", "shop-web-lab-v1", "App Host: lab-2", "Accessory cache Host: lab-3", "shop-cache", "Accessory docs Host: lab-1", "shop-manual")
	if o := shop.must("details", "-d", "lab", "--json"); !strings.HasPrefix(o.out, "[") || strings.Count(o.out, `"name":"shop-cache"`) != 1 {
		t.Errorf("--json: %s", o.out)
	}

	shop.contains(shop.must("remove", "-y", "-d", "lab"), "lab-1: Not removing the proxy, as other apps are installed: blog-lab")
	shop.wantSite("blog.example.test", 200, "b1")
	shop.wantSite("shop.example.test", 404, "")
	shop.wantSite("docs.example.test", 404, "")
	if got := shop.on("lab-1", "docker ps -a --format '{{.Names}}' | sort | tr '\\n' ' '; docker image ls --format '{{.Repository}}' | sort -u | tr '\\n' ' '"); got != "blog-web-lab-b1 kamal-proxy "+theLab.Registry.Addr+"/demo/blog basecamp/kamal-proxy" {
		t.Errorf("lab-1 after the first: %s", got)
	}
	for _, host := range []string{"lab-2", "lab-3"} {
		shop.wantNothing(host)
	}

	blog.must("remove", "-y", "-d", "lab")
	shop.wantNothing("lab-1")
	blog.must("remove", "-y", "-d", "lab") // there is nothing any more, and that is no error
}

func pushApp(w *world, image, service, version string) {
	w.Helper()
	if _, err := theLab.PushApp(w.Context(), image, lab.AppImage{Version: version, Service: service}); err != nil {
		w.Fatal(err)
	}
}

// wantNothing checks that a host holds no container, no image but the proxy's,
// and no file but what Kamal leaves: the empty folder of apps, audit logs, what
// is the proxy's where it never ran; and hwdeploy's own.
func (w *world) wantNothing(host string) {
	w.Helper()
	if got := w.on(host, "docker ps -aq; docker image ls --format '{{.Repository}}' | grep -v -e basecamp/kamal-proxy -e moby/buildkit; true"); got != "" {
		w.Errorf("%s has: %s", host, got)
	}
	got := w.on(host, "find . -mindepth 1 -not -path './.ssh*' -not -path './.kamal/hwdeploy*' -not -name '.bash*' -not -name .profile -not -name '*-audit.log' | sort | tr '\\n' ' '")
	for _, path := range strings.Fields(got) {
		switch path {
		case "./.kamal", "./.kamal/apps", "./.kamal/proxy", "./.kamal/proxy/apps-config", "./.docker", "./.docker/config.json":
		default:
			w.Errorf("%s: %s is left", host, path)
		}
	}
}

// A removal is undone by nothing, so it is asked about; without a terminal it
// needs -y, and nothing is touched.
//
// proves: remove, remove --confirmed
func TestRemoveAsks(t *testing.T) {
	w := begin(t, twoHosts())
	w.must("deploy", "--skip-push", "--version", pushed(w, "v1"), "-d", "lab")
	before := w.fingerprint("lab-1", "lab-2")
	o := w.hwdeploy("remove", "-d", "lab")
	if o.code != 2 {
		t.Errorf("exit %d", o.code)
	}
	w.contains(o, "This will remove all containers and images", "-y is yes")
	answer := func(key string) int {
		c, keys := w.onTerminal("remove", "-d", "lab")
		c.sees("This will remove all containers and images", 1)
		typed(w, keys, key)
		return c.wait().code
	}
	if code := answer("n"); code != 1 {
		t.Errorf("no: exit %d", code)
	}
	w.same(before, "lab-1", "lab-2")
	if code := answer("y"); code != 0 {
		t.Errorf("yes: exit %d", code)
	}
	w.wantNothing("lab-1")
	w.wantNothing("lab-2")
}

// The parts of proxy remove, each by itself.
//
// proves: proxy remove_container, proxy remove_image, proxy remove_proxy_directory
func TestTheProxyIsRemovedInParts(t *testing.T) {
	w := begin(t, twoHosts())
	w.must("proxy", "boot", "-d", "lab")
	w.must("proxy", "stop", "-d", "lab")
	for _, part := range []struct{ command, left string }{
		{"remove_container", "docker ps -aq"}, {"remove_image", "docker image ls -q"}, {"remove_proxy_directory", "ls -d .kamal/proxy 2>/dev/null; true"},
	} {
		w.must("proxy", part.command, "-d", "lab")
		if got := w.on("lab-1", part.left); got != "" && part.command != "remove_image" {
			t.Errorf("after %s: %s", part.command, got)
		}
	}
}
