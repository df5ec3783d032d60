package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// withAccessories is web on lab-1 and sidekiq on lab-2, a cache with files,
// directories, env and a port on lab-3, and docs behind the proxy of lab-1.
func withAccessories(t *testing.T) *world {
	t.Helper()
	overlay := strings.ReplaceAll(`
error_pages_path: public
accessories:
  cache:
    image: REGISTRY/demo/tool:1.0
    host: lab-3
    port: "127.0.0.1:6380:80"
    env: {clear: {MODE: fast}, secret: [CACHE_TOKEN]}
    labels: {kind: cache}
    files:
      - files/cache.conf:/etc/cache.conf
      - files/rules.txt.erb:/etc/rules.txt:ro
      - {local: files/private.key, remote: /etc/private.key, mode: "0600", owner: "1000:1000"}
    directories:
      - data:/data
      - {local: logs, remote: /var/log/cache, mode: "0750", owner: "1000:1000"}
    volumes: ["cache-store:/store"]
  docs:
    service: shop-manual
    image: REGISTRY/demo/tool:1.0
    roles: [web]
    proxy: {host: docs.example.test, app_port: 80, healthcheck: {path: /up, interval: 1}}
`, "REGISTRY", theLab.Registry.Addr)
	w := begin(t, lab.ProjectOptions{
		Roles: []lab.Role{
			{Name: "web", Hosts: []string{"lab-1"}}, {Name: "sidekiq", Hosts: []string{"lab-2"}, Cmd: "bundle exec sidekiq"},
		},
		ProxyHost: "shop.example.test", Overlay: overlay, Secrets: map[string]string{"CACHE_TOKEN": "cache-secret"},
		Files: map[string]string{
			"files/cache.conf": "size 1\n", "files/private.key": "key\n", "public/404.html": "not here\n",
			"files/rules.txt.erb": "mode <%= ENV[\"MODE\"] %>\ntoken <%= ENV[\"CACHE_TOKEN\"] %>\n",
		},
	})
	if _, err := theLab.PushApp(t.Context(), "demo/tool:1.0", lab.AppImage{Version: "tool-1"}); err != nil {
		t.Fatal(err)
	}
	return w
}

const replaced = "docker ps -a --format '{{.Names}}' | grep -c _replaced_; true"

// An accessory's whole life: files and directories lie on the host with mode and
// owner, templates are rendered, the container has env, port and mounts; it is
// stopped, started, replaced and removed with all that belongs to it.
//
// proves: accessory boot, accessory upload, accessory directories, accessory reboot, accessory start, accessory stop
// proves: accessory restart, accessory details, accessory exec, accessory exec --reuse, accessory exec --raw
// proves: accessory logs, accessory logs --lines, accessory logs --since, accessory logs --grep, accessory logs --grep-options
// proves: accessory logs --skip-timestamps, accessory logs --follow, accessory remove, accessory remove --confirmed, accessory pull_image
// proves: accessory remove_container, accessory remove_image, accessory remove_service_directory
func TestAnAccessory(t *testing.T) {
	w := withAccessories(t)
	w.must("accessory", "boot", "cache", "-d", "lab")
	const ls = "cd shop-cache && stat -c '%A %u:%g %n' data logs etc/cache.conf etc/rules.txt etc/private.key"
	want := "drwxr-xr-x 0:0 data\ndrwxr-x--- 1000:1000 logs\n-rwxr-xr-x 0:0 etc/cache.conf\n-rwxr-xr-x 0:0 etc/rules.txt\n-rw------- 1000:1000 etc/private.key"
	if got := w.on("lab-3", ls); got != want {
		t.Errorf("files:\n%s", got)
	}
	if got := w.on("lab-3", "cat shop-cache/etc/rules.txt; stat -c %a .kamal/apps/shop-lab/env/accessories/cache.env"); got != "mode fast\ntoken cache-secret\n600" {
		t.Errorf("the template and the env file's mode: %s", got)
	}
	if got := w.on("lab-3", "docker exec shop-cache sh -c 'echo $MODE $CACHE_TOKEN $KAMAL_HOST; cat /etc/cache.conf'; docker port shop-cache"); got != "fast cache-secret lab-3\nsize 1\n80/tcp -> 127.0.0.1:6380" {
		t.Errorf("inside: %s", got)
	}
	w.contains(w.must("accessory", "details", "cache", "-d", "lab"), "Accessory cache Host: lab-3", "shop-cache")

	id := w.on("lab-3", "docker ps -q --no-trunc -f name=shop-cache")
	w.contains(w.must("accessory", "boot", "cache", "-d", "lab"), "Skipping booting `cache` on lab-3, a container already exists")
	w.write("files/cache.conf", "size 2\n")
	w.must("accessory", "upload", "cache", "-d", "lab")
	if got := w.on("lab-3", "docker exec shop-cache cat /etc/cache.conf"); got != "size 2" {
		t.Errorf("a running container does not see the new file: %s", got)
	}
	w.on("lab-3", "rmdir shop-cache/logs")
	w.must("accessory", "directories", "cache", "-d", "lab")
	w.on("lab-3", "test -d shop-cache/logs")

	for _, step := range []struct{ command, state string }{{"stop", "exited"}, {"start", "running"}, {"restart", "running"}} {
		w.must("accessory", step.command, "cache", "-d", "lab")
		if got := w.on("lab-3", "docker inspect -f '{{.Id}} {{.State.Status}}' shop-cache"); got != id+" "+step.state {
			t.Errorf("after %s: %s", step.command, got)
		}
	}
	w.must("accessory", "reboot", "cache", "-d", "lab")
	if got := w.on("lab-3", "docker inspect -f '{{.Id}} {{.State.Status}}' shop-cache; "+replaced); strings.HasPrefix(got, id) || !strings.HasSuffix(got, " running\n0") {
		t.Errorf("after reboot: %s", got)
	}
	w.accessoryTalks()
	w.accessoryInParts()

	w.must("accessory", "remove", "cache", "-y", "-d", "lab")
	if got := w.on("lab-3", "docker ps -aq; docker image ls --format '{{.Repository}}' | grep -v -e basecamp/kamal-proxy -e moby/buildkit; ls -d shop-cache .kamal/apps/* 2>/dev/null; true"); got != "" {
		t.Errorf("left: %s", got)
	}
	w.wantAudit("lab-3", "Booted cache accessory", "Stopped cache accessory", "Started cache accessory", "Pull cache accessory image",
		"Remove cache accessory container", "Removed cache accessory image", "Executed cmd 'echo one' on cache accessory")
	w.wantUnlocked()
}

// accessoryInParts takes an accessory apart by the hidden commands and boots it again.
func (w *world) accessoryInParts() {
	w.Helper()
	w.must("accessory", "stop", "cache", "-d", "lab")
	for _, part := range []struct{ command, gone string }{
		{"remove_container", "docker ps -aq -f name=shop-cache"}, {"remove_image", "docker image ls -q '*/demo/tool'"}, {"remove_service_directory", "ls -d shop-cache 2>/dev/null; true"},
	} {
		w.must("accessory", part.command, "cache", "-d", "lab")
		if got := w.on("lab-3", part.gone); got != "" {
			w.Errorf("after %s: %s", part.command, got)
		}
	}
	w.must("accessory", "pull_image", "cache", "-d", "lab")
	if got := w.on("lab-3", "docker image ls -q '*/demo/tool'"); got == "" {
		w.Error("the image was not pulled")
	}
	w.must("accessory", "boot", "cache", "-d", "lab")
}

func (w *world) accessoryTalks() {
	w.Helper()
	o := w.must("accessory", "exec", "cache", "echo one", "-d", "lab")
	w.contains(o, "App Host: lab-3\none\n")
	if o = w.must("accessory", "exec", "cache", "--reuse", "--raw", "printf '%s.' \"$HOSTNAME\" two", "-d", "lab"); !strings.HasSuffix(o.out, ".two.") {
		w.Errorf("raw: %q", o.out)
	}
	w.contains(w.must("accessory", "logs", "cache", "-d", "lab", "-n", "50"), "listening on :80", "T")
	o = w.must("accessory", "logs", "cache", "-d", "lab", "--since", "1h", "-g", "LISTENING", "--grep-options=-i -c", "-T")
	w.contains(o, "\n1\n")

	p := w.start("accessory", "logs", "cache", "-d", "lab", "-f")
	p.says("listening on :80")
	w.on("lab-3", "docker exec shop-cache sh -c 'echo a new line >/proc/1/fd/1'")
	p.says("a new line")
	if o := p.interrupt(); o.code != 130 {
		w.Errorf("following ends with %d\n%s", o.code, o.out)
	}
}

func (w *world) write(path, text string) {
	w.Helper()
	if err := w.project.Write(path, text); err != nil {
		w.Fatal(err)
	}
}

// wantAudit checks that a host's audit log has these messages.
func (w *world) wantAudit(host string, messages ...string) {
	w.Helper()
	log := w.on(host, "cat .kamal/shop-lab-audit.log")
	for _, m := range messages {
		if !strings.Contains(log, m) {
			w.Errorf("%s: the audit log lacks %q:\n%s", host, m, log)
		}
	}
}

// An accessory behind the proxy is served when it boots, unknown to the proxy
// when it is stopped, and served again by start; none of it needs a version.
//
// proves: accessory boot, accessory start, accessory stop, accessory restart, accessory reboot, accessory remove
func TestAnAccessoryBehindTheProxy(t *testing.T) {
	w := withAccessories(t)
	w.must("deploy", "-d", "lab", "--skip-push", "--version", pushed(w, "v1"))
	w.must("accessory", "boot", "all", "-d", "lab")
	w.wantSite("docs.example.test", 200, "tool-1")
	w.must("accessory", "stop", "docs", "-d", "lab")
	w.wantSite("docs.example.test", 404, "")
	w.must("accessory", "stop", "docs", "-d", "lab") // with Kamal an error
	w.must("accessory", "start", "docs", "-d", "lab")
	w.wantSite("docs.example.test", 200, "tool-1")
	w.must("accessory", "reboot", "all", "-d", "lab")
	w.wantSite("docs.example.test", 200, "tool-1")
	w.must("accessory", "restart", "docs", "-d", "lab")
	w.wantSite("docs.example.test", 200, "tool-1")

	// A later version's pages take the place of those that docs was given with;
	// the proxy starts again all the same.
	w.must("deploy", "-d", "lab", "--skip-push", "--version", pushed(w, "v2"))
	w.on("lab-1", "docker restart kamal-proxy")
	w.wantSite("docs.example.test", 200, "tool-1")
	w.wantSite("shop.example.test", 200, "v2")

	w.must("accessory", "remove", "all", "-y", "-d", "lab")
	w.wantSite("docs.example.test", 404, "")
	w.wantSite("shop.example.test", 200, "v2")
}

// wantSite asks lab-1 for a site until it answers as wanted.
func (w *world) wantSite(site string, status int, version string) {
	w.Helper()
	w.eventually(20*time.Second, fmt.Sprintf("%s answers %d %s", site, status, version), func() bool {
		a, err := theLab.Host("lab-1").HTTP(w.Context(), site, "/version")
		return err == nil && a.Status == status && (version == "" || strings.TrimSpace(a.Body) == version)
	})
}

// What fails leaves what was there: a new container that does not start gives way
// to the old one, and the outcome says what runs.
func TestAnAccessoryReturnsWhenItsReplacementFails(t *testing.T) {
	w := withAccessories(t)
	w.must("accessory", "boot", "cache", "-d", "lab")
	id := w.on("lab-3", "docker ps -q --no-trunc -f name=shop-cache")
	text, err := os.ReadFile(filepath.Join(w.dir, "config/deploy.lab.yml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("config/deploy.lab.yml", strings.Replace(string(text), "127.0.0.1:6380:80", "192.0.2.1:6380:80", 1))
	o := w.hwdeploy("accessory", "reboot", "cache", "-d", "lab")
	if o.code != 1 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "the container from before is back", "lab-3: cache runs (shop-cache)")
	if got := w.on("lab-3", "docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'"); got != id+" shop-cache running" {
		t.Errorf("left: %s", got)
	}
	w.wantUnlocked()
}

// Names and selections that mean nothing are errors, where Kamal exits 0; Kamal
// 1's upgrade is refused; nothing is removed unasked.
//
// proves: accessory upgrade, accessory upgrade --rolling, accessory upgrade --confirmed
func TestAccessoryUsage(t *testing.T) {
	w := withAccessories(t)
	for _, c := range []struct {
		text string
		args []string
	}{
		{"No accessory by the name of 'db' (options: cache and docs)", []string{"boot", "db"}},
		{"none of the selected hosts has the accessory cache", []string{"boot", "cache", "--hosts", "lab-1"}},
		{"-y is yes", []string{"remove", "cache"}},
		{"from Kamal 1 to Kamal 2", []string{"upgrade", "all", "--rolling", "-y"}},
		{"Raw is not compatible with interactive", []string{"exec", "cache", "-i", "--raw", "ls"}},
		{"No command provided", []string{"exec", "cache"}},
	} {
		o := w.hwdeploy(append(append([]string{"accessory"}, c.args...), "-d", "lab")...)
		if o.code != 2 {
			t.Errorf("%v: exit %d", c.args, o.code)
		}
		w.contains(o, c.text)
	}
	w.write("config/deploy.lab.yml", "accessories: {cache: {image: x, host: lab-3, files: [\"nosuch:/a\"]}}\n")
	o := w.hwdeploy("accessory", "boot", "cache", "-d", "lab")
	w.contains(o, "config/deploy.lab.yml:1:54: Missing file: nosuch")
	if o.code != 3 {
		t.Errorf("a missing file: exit %d", o.code)
	}
}
