package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// fleet is three hosts with different roles, on which v1 runs: web on lab-1 and
// lab-2, sidekiq on lab-2 and lab-3.
func fleet(t *testing.T) *world {
	t.Helper()
	w := begin(t, lab.ProjectOptions{
		Roles: []lab.Role{
			{Name: "web", Hosts: []string{"lab-1", "lab-2"}},
			{Name: "sidekiq", Hosts: []string{"lab-2", "lab-3"}, Cmd: "bundle exec sidekiq"},
		},
	})
	w.ship("v1")
	return w
}

// ship deploys a version without a build.
func (w *world) ship(version string) {
	w.Helper()
	w.must("deploy", "-d", "lab", "--skip-push", "--version", pushed(w, version))
}

// data runs a query with --json and reads its answer.
func data[T any](w *world, args ...string) (out T) {
	w.Helper()
	o := w.must(append(args, "--json", "-d", "lab")...)
	if err := json.Unmarshal([]byte(o.out), &out); err != nil {
		w.Fatalf("%v: %v\n%s", args, err, o.out)
	}
	return out
}

// running gives the names of a host's running containers of the app.
func (w *world) running(host string) []string {
	w.Helper()
	names := strings.Fields(w.on(host, "docker ps --format '{{.Names}}' --filter label=service=shop"))
	slices.Sort(names)
	return names
}

func (w *world) wantRunning(host string, names ...string) {
	w.Helper()
	if got := w.running(host); !slices.Equal(got, names) {
		w.Errorf("%s runs %q, wanted %q", host, got, names)
	}
}

func (w *world) wantCode(o outcome, code int, texts ...string) {
	w.Helper()
	if o.code != code {
		w.Errorf("exit %d, wanted %d\n%s", o.code, code, o.out)
	}
	w.contains(o, texts...)
}

// A stopped role leaves the proxy and comes back as it was; filters by host and
// role touch what they name.
//
// proves: app stop, app stop --roles --hosts, app start, app start --version, app start --roles, app boot, app boot --version
func TestAppStopAndStart(t *testing.T) {
	w := fleet(t)
	web, jobs := "shop-web-lab-v1", "shop-sidekiq-lab-v1"
	w.contains(w.must("app", "stop", "--dry-run", "-d", "lab"), "lab-1/web/stop", "kamal-proxy remove shop-web-lab; stop "+web)
	w.must("app", "stop", "-r", "w*", "--hosts", "lab-[13]", "-d", "lab")
	w.wantRunning("lab-1")
	w.wantRunning("lab-2", jobs, web)
	w.wantRunning("lab-3", jobs)
	w.wantServes("", "lab-1")
	w.wantServes("v1", "lab-2")

	w.must("app", "stop", "-d", "lab")
	for _, h := range []string{"lab-1", "lab-2", "lab-3"} {
		w.wantRunning(h)
	}
	if out := w.on("lab-2", "docker exec kamal-proxy kamal-proxy list"); strings.Contains(out, "shop") {
		t.Errorf("the proxy still knows the app:\n%s", out)
	}
	w.contains(w.must("app", "stop", "-d", "lab"), "nothing of the app runs")

	w.commit("a commit that was never deployed") // Kamal would look for its container
	w.wantCode(w.hwdeploy("app", "start", "--version", "v0", "-d", "lab"), 1, "no container of version v0", "web on lab-1", "available: v1")
	w.must("app", "start", "-r", "sidekiq", "-d", "lab")
	w.wantRunning("lab-2", jobs)
	w.wantRunning("lab-3", jobs)
	w.must("app", "start", "-d", "lab")
	w.wantServes("v1", "lab-1", "lab-2")
	w.wantRunning("lab-2", jobs, web)
	w.must("app", "start", "--version", "v1", "-d", "lab") // once more changes nothing
	w.wantServes("v1", "lab-1", "lab-2")
	w.must("app", "boot", "-r", "web", "--hosts", "lab-1", "-d", "lab") // of the latest tag, and so named, as with Kamal
	w.wantRunning("lab-1", "shop-web-lab-latest-lab")
	w.must("app", "boot", "--version", "v1", "-d", "lab")
	w.wantRunning("lab-1", web)
	w.wantServes("v1", "lab-1", "lab-2")
	w.wantUnlocked()
	audit := w.on("lab-2", "cat .kamal/shop-lab-audit.log")
	for _, line := range []string{"[lab] [web] Stopped app", "[lab] [sidekiq] Stopped app", "Started app version v1"} {
		if !strings.Contains(audit, line) {
			t.Errorf("the audit log lacks %q:\n%s", line, audit)
		}
	}
}

// Maintenance is per host and survives a deploy. What the proxy serves is never
// stale, whichever image is tagged latest.
//
// proves: app maintenance --message --drain-timeout, app live, app stale_containers, app stale_containers --stop
func TestMaintenanceAndStaleContainers(t *testing.T) {
	w := fleet(t)
	w.must("app", "maintenance", "--hosts", "lab-1", "--message", `Back "soon" & well`, "--drain-timeout", "2", "-d", "lab")
	a, err := theLab.Host("lab-1").HTTP(w.Context(), "", "/version")
	if err != nil || a.Status != 503 || !strings.Contains(a.Body, "soon") {
		t.Errorf("in maintenance: %d %v\n%s", a.Status, err, a.Body)
	}
	w.wantServes("v1", "lab-2")
	w.ship("v2") // a deploy does not end it
	w.wantServes("", "lab-1")
	w.must("app", "live", "-d", "lab")
	w.wantServes("v2", "lab-1", "lab-2")

	w.on("lab-1", "docker run -d --name shop-web-lab-v0 --network kamal --label service=shop --label role=web --label destination=lab "+
		theLab.Registry.Addr+"/demo/shop:v1")
	o := w.must("app", "stale_containers", "-d", "lab")
	w.contains(o, "App Host: lab-1", "Detected stale container for role web with version v0")
	if strings.Contains(o.out, "version v2") {
		t.Errorf("what serves is called stale:\n%s", o.out)
	}
	type stale struct{ Host, Role, Version string }
	if got := data[[]stale](w, "app", "stale_containers"); !slices.Equal(got, []stale{{"lab-1", "web", "v0"}}) {
		t.Errorf("as data: %v", got)
	}
	w.must("app", "stale_containers", "--stop", "-d", "lab")
	w.wantRunning("lab-1", "shop-web-lab-v2")
	w.wantServes("v2", "lab-1")
	w.must("app", "stop", "-d", "lab")
	w.wantCode(w.hwdeploy("app", "live", "-d", "lab"), 1, "service not found")
	w.wantUnlocked()
}

// Nothing of the app is left, and another destination keeps what is its own.
//
// proves: app remove, app remove --roles, app remove_container, app remove_containers, app remove_images, app remove_app_directories
func TestAppRemove(t *testing.T) {
	w := fleet(t)
	w.ship("v2")
	repo := theLab.Registry.Addr + "/demo/shop"
	w.on("lab-2", fmt.Sprintf("docker tag %[1]s:v2 %[1]s:latest-stage && docker run -d --name shop-web-stage-v2 --label service=shop --label role=web --label destination=stage %[1]s:v2", repo))
	w.must("app", "remove_container", "v1", "-r", "web", "-d", "lab")
	if out := w.on("lab-1", "docker ps -a --format '{{.Names}}'"); strings.Contains(out, "web-lab-v1") || !strings.Contains(out, "web-lab-v2") {
		t.Errorf("after remove_container: %s", out)
	}
	w.must("app", "remove", "-r", "web", "-d", "lab")
	w.wantRunning("lab-2", "shop-sidekiq-lab-v2", "shop-web-stage-v2")
	if out := w.on("lab-2", "docker image ls -q "+repo+"; ls .kamal/apps"); !strings.Contains(out, "shop-lab") {
		t.Errorf("a role was removed, and with it the host's files: %s", out)
	}
	w.must("app", "remove", "-d", "lab")
	for _, h := range []string{"lab-1", "lab-3"} {
		if out := w.on(h, "docker ps -aq --filter label=service=shop; docker image ls -q "+repo+"; ls -d .kamal/apps/* .kamal/proxy/apps-config/* 2>/dev/null; true"); out != "" {
			t.Errorf("%s: left: %s", h, out)
		}
	}
	w.wantRunning("lab-2", "shop-web-stage-v2")
	if tags := strings.Fields(w.on("lab-2", "docker image ls --format '{{.Tag}}' "+repo)); !slices.Equal(slices.Sorted(slices.Values(tags)), []string{"latest-stage", "v2"}) {
		t.Errorf("lab-2 keeps the tags %q", tags)
	}
	w.must("app", "remove", "-d", "lab") // once more
	w.wantUnlocked()
}

// Queries ask all hosts at once; --json tells the same as data.
//
// proves: app details, app containers, app images, app version, app versions, --hosts, --roles, --primary, --json
func TestAppQueries(t *testing.T) {
	w := fleet(t)
	w.ship("v2")
	o := w.must("app", "details", "-d", "lab")
	w.contains(o, "App Host: lab-1\nCONTAINER ID", "App Host: lab-3", "shop-web-lab-v2", "shop-sidekiq-lab-v2")
	if strings.Contains(o.out, "lab-v1") {
		t.Errorf("details show what is stopped:\n%s", o.out)
	}
	w.contains(w.must("app", "containers", "-d", "lab"), "shop-web-lab-v1", "shop-web-lab-v2", "Exited")
	w.contains(w.must("app", "images", "-d", "lab"), "REPOSITORY", "latest-lab", "v1")
	w.contains(w.must("app", "version", "-d", "lab"), "App Host: lab-1\nv2")
	if o := w.must("app", "version", "-q", "-d", "lab", "-p"); o.out != "v2\n\n" {
		t.Errorf("quiet, primary: %q", o.out)
	}

	type container struct{ Host, Role, Version, Name, State, ID string }
	all := data[[]container](w, "app", "containers", "--hosts", "lab-[23]", "-r", "side*")
	var got []string
	for _, c := range all {
		got = append(got, strings.Join([]string{c.Host, c.Role, c.Version, c.Name, c.State, fmt.Sprint(len(c.ID))}, " "))
	}
	slices.Sort(got)
	want := []string{
		"lab-2 sidekiq v1 shop-sidekiq-lab-v1 exited 64", "lab-2 sidekiq v2 shop-sidekiq-lab-v2 running 64",
		"lab-2 web v1 shop-web-lab-v1 exited 64", "lab-2 web v2 shop-web-lab-v2 running 64", // containers are asked for by host, as with Kamal
		"lab-3 sidekiq v1 shop-sidekiq-lab-v1 exited 64", "lab-3 sidekiq v2 shop-sidekiq-lab-v2 running 64",
	}
	if !slices.Equal(got, want) {
		t.Errorf("containers: %q", got)
	}
	if n := len(data[[]container](w, "app", "details", "-r", "web,side*", "--hosts", "*-2")); n != 2 {
		t.Errorf("details of two roles on one host: %d containers", n)
	}
	type version struct{ Host, Role, Version string }
	if got := data[[]version](w, "app", "version"); !slices.Equal(got, []version{{"lab-2", "web", "v2"}, {"lab-1", "web", "v2"}, {"lab-3", "sidekiq", "v2"}}) {
		t.Errorf("version: %v", got)
	}
	type image struct{ Host, Tag string }
	if got := data[[]image](w, "app", "images", "--hosts", "lab-1"); !slices.Contains(got, image{"lab-1", "latest-lab"}) || !slices.Contains(got, image{"lab-1", "v1"}) {
		t.Errorf("images: %v", got)
	}
	type deployed struct {
		Version, Host, Role, State string
		Created                    time.Time
	}
	if got := data[[]deployed](w, "app", "versions", "-r", "web", "--hosts", "lab-1"); len(got) != 2 || got[0].Version != "v2" || got[0].State != "live" || got[1].State != "stopped" || got[0].Created.IsZero() {
		t.Errorf("versions: %+v", got)
	}
	w.wantCode(w.hwdeploy("app", "containers", "--hosts", "nowhere*", "-d", "lab"), 3, "No --hosts match for nowhere*")
	w.wantCode(w.hwdeploy("app", "containers", "-r", "x?", "-d", "lab"), 3, "No --roles match for x?")
	w.contains(w.must("app", "vers", "-d", "lab", "-p"), "App Host: lab-1") // what begins a command of Kamal's is that command
	w.contains(w.must("app", "cont", "-d", "lab", "-p"), "shop-web-lab-v1")
	w.wantCode(w.hwdeploy("app", "st", "-d", "lab"), 2, "Ambiguous command st matches [stale_containers, start, stop]")
}
