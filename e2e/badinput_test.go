package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/db"
	"github.com/warmlyyours/hwdeploy/lab/registryd"
)

// live deploys a first version and gives it.
func live(t *testing.T, o lab.ProjectOptions) (*world, string) {
	t.Helper()
	w := begin(t, o)
	w.must("lab")
	return w, w.revision()
}

// untouched checks what every failure promises: the old version serves, the
// lock is free, workers fetch.
func (w *world) untouched(version string, o outcome, code int, texts ...string) {
	w.Helper()
	if o.code != code {
		w.Errorf("exit %d, wanted %d\n%s", o.code, code, o.out)
	}
	w.contains(o, texts...)
	w.wantServes(version, "lab-1", "lab-2")
	w.wantUnlocked()
	w.wantFetching(version)
}

// wantFetching waits until a worker of that version takes jobs.
func (w *world) wantFetching(version string) {
	w.Helper()
	deadline := time.Now().Add(40 * time.Second)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := theLab.DB.Snapshot(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, worker := range s.Fetching() {
			if worker.Version == version {
				return
			}
		}
		if time.Now().After(deadline) {
			w.Fatalf("no worker of %s fetches; workers %+v\n%s", version, s.Workers,
				w.on("lab-2", "docker ps -a; for c in $(docker ps -aq --filter label=role=sidekiq); do echo == $c; docker logs --timestamps --tail 8 $c 2>&1; done; cat .kamal/hwdeploy/*/journal"))
		}
		<-tick.C
	}
}

func TestNoConfigurationIsExit3(t *testing.T) {
	w := begin(t, twoHosts())
	if err := os.Remove(filepath.Join(w.dir, "config/deploy.yml")); err != nil {
		t.Fatal(err)
	}
	o := w.hwdeploy("deploy", "-d", "lab")
	if o.code != 3 {
		t.Errorf("exit %d", o.code)
	}
	w.contains(o, "Configuration file not found in", "config/deploy.yml")
}

func TestBadYAMLIsExit3WithItsPlace(t *testing.T) {
	w := begin(t, twoHosts())
	if err := w.project.Write("config/deploy.lab.yml", "service: [unclosed\nimage: x\n"); err != nil {
		t.Fatal(err)
	}
	o := w.hwdeploy("deploy", "-d", "lab")
	if o.code != 3 {
		t.Errorf("exit %d", o.code)
	}
	w.contains(o, "config/deploy.lab.yml:")
}

func TestAnUnreachableHostTouchesNothing(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.commit("second")
	lost := theLab.Host("lab-3")
	if err := lost.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := lost.Start(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if err := w.project.Write("config/deploy.lab.yml", "servers:\n  web: {hosts: [lab-1, lab-2, lab-3]}\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("third host")
	w.untouched(v1, w.hwdeploy("lab"), 4, "lab-3")
}

func TestAWorkerWithoutAShellIsFoundBeforeTheBuild(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.commit("second")
	w.on("lab-2", "docker exec $(docker ps -q --filter label=role=sidekiq) rm -f /bin/sh /usr/bin/sh")
	o := w.hwdeploy("lab")
	w.untouched(v1, o, 1, "lab-2: shop-sidekiq-lab-"+v1+" has no sh", "x-hwdeploy.quiet.roles")
	if strings.Contains(o.out, "FROM ") {
		t.Errorf("it was built before that was found:\n%s", o.out)
	}
	w.contains(w.must("plan", "lab"), "it would be refused: lab-2: shop-sidekiq-lab-")
	w.contains(w.hwdeploy("doctor", "-d", "lab"), "problem  lab-2        quiet")
}

func TestAnUnknownHostKeyIsRefusedWithTheLineToAdd(t *testing.T) {
	w, v1 := live(t, twoHosts())
	known := filepath.Join(w.dir, "config/known_hosts")
	text, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	var rest []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "lab-2") && !strings.Contains(line, theLab.Host("lab-2").IP) {
			rest = append(rest, line)
		}
	}
	if err := w.project.Write("config/known_hosts", strings.Join(rest, "")); err != nil {
		t.Fatal(err)
	}
	// The user's own file, which comes second, knows nobody.
	config, err := os.ReadFile(theLab.SSHConfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.project.Write("config/ssh_config", strings.ReplaceAll(string(config), theLab.KnownHosts, "/dev/null")); err != nil {
		t.Fatal(err)
	}
	if err := w.project.Write("config/deploy.lab.yml", "ssh: {config: [config/ssh_config]}\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("a host less")
	w.untouched(v1, w.hwdeploy("lab"), 4, "lab-2", "ssh-ed25519", "known_hosts")
}

func TestAChangedHostKeyIsNeverAccepted(t *testing.T) {
	w, v1 := live(t, twoHosts())
	known := filepath.Join(w.dir, "config/known_hosts")
	text, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	one, two := key(theLab.Host("lab-1")), key(theLab.Host("lab-2"))
	if err := w.project.Write("config/known_hosts", strings.ReplaceAll(string(text), two, one)); err != nil {
		t.Fatal(err)
	}
	w.commit("another key")
	w.untouched(v1, w.hwdeploy("lab"), 4, "lab-2", "changed")
}

func key(h *lab.Host) string { return strings.Fields(h.HostKeys[0])[1] }

func TestARefusedKeyNamesTheUserAndHost(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write("config/deploy.lab.yml", "ssh: {user: ghost}\nbuilder: {remote: ssh://root@lab-1}\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("another user")
	w.untouched(v1, w.hwdeploy("lab"), 4, "ghost", "lab-1")
}

func TestABuilderThatIsDownIsNamed(t *testing.T) {
	o := twoHosts()
	w, v1 := live(t, o)
	builder := theLab.Host("lab-3")
	if err := builder.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := builder.Start(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if err := w.project.Write("config/deploy.lab.yml", "builder: {remote: ssh://root@lab-3}\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("another builder")
	w.untouched(v1, w.hwdeploy("lab"), 4, "lab-3", "builder")
}

func TestARegistryThatRefusesPushes(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.commit("second")
	if err := theLab.Registry.SetFaults(t.Context(), registryd.Faults{RefusePush: 403}); err != nil {
		t.Fatal(err)
	}
	w.untouched(v1, w.hwdeploy("lab"), 4, theLab.Registry.Addr, "403")
}

func TestAWrongRegistryPassword(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write(".kamal/secrets-common", ""); err != nil {
		t.Fatal(err)
	}
	if err := w.project.Write("config/deploy.lab.yml", "registry: {password: wrong-one}\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("second")
	o := w.hwdeploy("lab")
	w.untouched(v1, o, 4, theLab.Registry.Addr, "401")
	if strings.Contains(o.out, "wrong-one") {
		t.Error("the password is printed")
	}
}

func TestAFailedBuildNamesTheStep(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := appendFile(filepath.Join(w.dir, "Dockerfile"), "\nRUN echo broken on purpose && exit 7\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("broken build")
	w.untouched(v1, w.hwdeploy("lab"), 1, "broken on purpose", "7")
}

func appendFile(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return f.Close()
}

func TestAnImageWithoutTheServiceLabelIsRefused(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if _, err := theLab.PushApp(t.Context(), "demo/shop:nolabel", lab.AppImage{Version: "nolabel"}); err != nil {
		t.Fatal(err)
	}
	w.untouched(v1, w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--version", "nolabel"), 1, "missing the 'service' label")
}

func TestAnUnhealthyContainerShowsWhy(t *testing.T) {
	w, v1 := live(t, twoHosts())
	if err := w.project.Write("config/deploy.lab.yml", "deploy_timeout: 6\nenv: {clear: {UNHEALTHY: \"1\"}}\n"); err != nil {
		t.Fatal(err)
	}
	v2 := w.commit("unhealthy")
	o := w.hwdeploy("lab")
	w.untouched(v1, o, 1, "lab-1", "running", "/up", "500", "last log lines")
	if out := w.on("lab-1", "docker ps --format '{{.Names}}'"); strings.Contains(out, v2) {
		t.Errorf("the new container still runs: %s", out)
	}
}

func TestAFailedMigrateLeavesTheAppUntouched(t *testing.T) {
	w, v1 := live(t, twoHosts())
	v2 := w.commit("second")
	if err := theLab.DB.SetFaults(t.Context(), db.Faults{MigrateFail: true}); err != nil {
		t.Fatal(err)
	}
	w.untouched(v1, w.hwdeploy("lab"), 1, "migrate")
	for _, h := range []string{"lab-1", "lab-2"} {
		if out := w.on(h, "docker ps -a --format '{{.Names}}'"); strings.Contains(out, v2) {
			t.Errorf("%s has a container of the new version: %s", h, out)
		}
		if out := w.on(h, "ls .kamal/hwdeploy/*/ | grep -c 'run-.*env'; true"); out != "0" {
			t.Errorf("%s: the run's env file is left", h)
		}
	}
}

func TestALockThatSomebodyHoldsIsNotTouched(t *testing.T) {
	w, v1 := live(t, twoHosts())
	w.commit("second")
	text := "Locked by: somebody at 2026-01-01T00:00:00Z\nVersion: abc\nMessage: maintenance"
	w.on("lab-1", "mkdir .kamal/lock-shop-lab && printf '"+strings.ReplaceAll(text, "\n", "\\n")+"' | base64 > .kamal/lock-shop-lab/details")
	o := w.hwdeploy("lab")
	if o.code != 5 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "somebody", "maintenance", "lock release")
	w.wantServes(v1, "lab-1", "lab-2")
	if w.on("lab-1", "base64 -d .kamal/lock-shop-lab/details | head -1") != "Locked by: somebody at 2026-01-01T00:00:00Z" {
		t.Error("the foreign lock was changed")
	}
	w.wantFetching(v1)
}
