package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The proxy is stopped, started, restarted and put anew; each time the app is
// served again. The hooks around a reboot run per group.
//
// proves: proxy boot, proxy start, proxy stop, proxy restart, proxy reboot, proxy reboot --rolling -y, proxy details, proxy logs
func TestProxyCommands(t *testing.T) {
	w := fleet(t)
	w.contains(w.must("proxy", "boot", "-d", "lab"), "kamal-proxy runs on every host")
	w.must("proxy", "stop", "--hosts", "lab-1", "-d", "lab")
	w.wantServes("", "lab-1")
	w.wantServes("v1", "lab-2")
	w.must("proxy", "boot", "-d", "lab") // starts what is stopped
	w.wantServes("v1", "lab-1")
	w.must("proxy", "stop", "-d", "lab")
	w.must("proxy", "start", "-d", "lab")
	w.wantServes("v1", "lab-1", "lab-2")
	w.must("proxy", "restart", "-d", "lab")
	w.wantServes("v1", "lab-1", "lab-2")

	hook := "#!/bin/sh\necho \"$KAMAL_HOSTS $KAMAL_COMMAND/$KAMAL_SUBCOMMAND\" >> .kamal/hooks/seen\n"
	for _, name := range []string{"pre-proxy-reboot", "post-proxy-reboot"} {
		if err := w.project.Write(".kamal/hooks/"+name, hook); err != nil {
			t.Fatal(err)
		}
		chmod(w, ".kamal/hooks/"+name)
	}
	w.wantCode(w.hwdeploy("proxy", "reboot", "-d", "lab"), 2, "Are you sure?", "-y is yes")
	c, keys := w.onTerminal("proxy", "reboot", "-d", "lab")
	c.sees("Are you sure?", 1)
	typed(w, keys, "n")
	w.wantCode(c.wait(), 1)
	before := w.on("lab-1", "docker inspect -f '{{.Id}}' kamal-proxy")
	w.must("proxy", "reboot", "--rolling", "-y", "-d", "lab")
	w.wantServes("v1", "lab-1", "lab-2")
	if after := w.on("lab-1", "docker inspect -f '{{.Id}}' kamal-proxy"); after == before {
		t.Error("the proxy's container is the same")
	}
	seen, err := os.ReadFile(filepath.Join(w.dir, ".kamal/hooks/seen"))
	if got := string(seen); err != nil || got != "lab-1 proxy/reboot\nlab-1 proxy/reboot\nlab-2 proxy/reboot\nlab-2 proxy/reboot\n" {
		t.Errorf("the hooks saw %q", got)
	}
	w.must("proxy", "reboot", "-y", "-H", "-d", "lab")
	w.wantServes("v1", "lab-1", "lab-2")

	w.contains(w.must("proxy", "details", "-d", "lab"), "Proxy Host: lab-1", "Proxy Host: lab-2", "basecamp/kamal-proxy:v0.9.2")
	type route struct{ Service, State string }
	type proxy struct {
		Host, State string
		Services    []route
	}
	got := data[[]proxy](w, "proxy", "details")
	if len(got) != 2 || got[0].State != "running" || !slices.Equal(got[0].Services, []route{{"shop-web-lab", "running"}}) {
		t.Errorf("details as data: %+v", got)
	}
	w.contains(w.must("proxy", "logs", "-g", "/version", "-d", "lab"), "Proxy Host: lab-1", "Proxy Host: lab-2", "/version")
	w.contains(w.must("proxy", "logs", "-g", "no such line", "-d", "lab"), "Nothing found")
	audit := w.on("lab-2", "cat .kamal/shop-lab-audit.log")
	for _, line := range []string{"[lab] Stopped proxy", "[lab] Started proxy", "[lab] Rebooted proxy"} {
		if !strings.Contains(audit, line) {
			t.Errorf("the audit log lacks %q:\n%s", line, audit)
		}
	}
	w.wantUnlocked()
}

// A restart that would lose all routes is refused: a file that one of them names
// is gone, and kamal-proxy then forgets every service, other apps' too.
//
// proves: proxy reboot, proxy restart
func TestProxyRestartThatWouldLoseRoutes(t *testing.T) {
	w := fleet(t)
	target := w.on("lab-1", "docker inspect -f '{{slice .Id 0 12}}' shop-web-lab-v1") + ":80"
	w.on("lab-1", "mkdir -p .kamal/proxy/apps-config/other/error_pages/v7 && echo sorry > .kamal/proxy/apps-config/other/error_pages/v7/500.html"+
		" && docker exec kamal-proxy kamal-proxy deploy other-web --target="+target+" --host=other.test --error-pages=/home/kamal-proxy/.apps-config/other/error_pages/v7"+
		" && rm -r .kamal/proxy/apps-config/other/error_pages/v7")
	for _, command := range []string{"restart", "reboot"} {
		args := []string{"proxy", command, "-d", "lab", "--hosts", "lab-1"}
		if command == "reboot" {
			args = append(args, "-y")
		}
		w.wantCode(w.hwdeploy(args...), 1, "would lose all its routes", "other/error_pages/v7 is gone", "lab-1: web serves v1")
	}
	w.wantServes("v1", "lab-1", "lab-2")
	w.on("lab-1", "docker exec kamal-proxy kamal-proxy remove other-web")
	w.must("proxy", "restart", "-d", "lab", "--hosts", "lab-1")
	w.wantServes("v1", "lab-1")
	w.wantUnlocked()
}

// The older files set up a proxy; it is removed only when nothing needs it.
//
// proves: proxy boot_config set, proxy boot_config get, proxy boot_config reset, proxy remove, proxy remove --force
func TestProxyRemoveAndBootConfig(t *testing.T) {
	w := fleet(t)
	w.wantCode(w.hwdeploy("proxy", "remove", "-d", "lab"), 1, "Not removing the proxy", "lab-1: shop-lab, shop-web-lab")
	w.wantServes("v1", "lab-1", "lab-2")
	w.must("app", "remove", "-d", "lab")
	w.must("proxy", "boot_config", "set", "--http-port", "8081", "--https-port=8444", "--metrics-port", "9100", "--debug",
		"--docker-options", "label=a=b", "-d", "lab")
	for file, want := range map[string]string{
		"options": "--publish 8081:80 --publish 8444:443 --log-opt max-size=10m --expose=9100 --label=a=b", "run_command": `kamal-proxy run --debug --metrics-port "9100"`,
	} {
		if got := w.on("lab-2", "cat .kamal/proxy/"+file+"; test -e .kamal/proxy/image && echo image; true"); !strings.HasPrefix(got, want) || strings.Contains(got, "image") {
			t.Errorf("%s: %q", file, got)
		}
	}
	w.contains(w.must("proxy", "boot_config", "get", "-d", "lab"), "Proxy Host: lab-1", "--publish 8081:80", "basecamp/kamal-proxy:v0.9.2")
	w.must("proxy", "reboot", "-y", "-d", "lab")
	if got := w.on("lab-1", "docker port kamal-proxy 80"); !strings.Contains(got, ":8081") {
		t.Errorf("the proxy is published on %q", got)
	}
	w.must("proxy", "boot-config", "reset", "-d", "lab")
	if got := w.on("lab-1", "ls .kamal/proxy"); got != "apps-config" {
		t.Errorf("after reset: %q", got)
	}
	w.must("proxy", "remove", "-d", "lab")
	for _, h := range []string{"lab-1", "lab-2"} {
		if out := w.on(h, "docker ps -aq --filter name=kamal-proxy; ls -d .kamal/proxy 2>/dev/null; true"); out != "" {
			t.Errorf("%s: left: %s", h, out)
		}
	}
	w.must("proxy", "remove", "--force", "-d", "lab") // once more
	w.wantUnlocked()
}
