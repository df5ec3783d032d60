package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/load"
)

// threeHosts is web on three hosts, one after another, and sidekiq on the first:
// hosts of the alphabetically first role come first, so lab-3 is the last.
func threeHosts(overlay string) lab.ProjectOptions {
	return lab.ProjectOptions{
		Roles: []lab.Role{
			{Name: "web", Hosts: []string{"lab-1", "lab-2", "lab-3"}},
			{Name: "sidekiq", Hosts: []string{"lab-1"}, Cmd: "bundle exec sidekiq"},
		},
		Overlay: "boot: {limit: 1}\ndeploy_timeout: 6\n" + overlay,
	}
}

// When the last of three hosts never becomes healthy, the first two return to
// the old version, without a failed request, and the outcome is told per host.
func TestTheFleetReturnsWhenALaterHostFails(t *testing.T) {
	w := begin(t, threeHosts(""))
	w.must("lab")
	v1 := w.revision()
	// Only lab-3 carries the tag, so only its new container is unhealthy.
	overlay := "boot: {limit: 1}\ndeploy_timeout: 6\nservers:\n  web: {hosts: [lab-1, lab-2, {lab-3: bad}]}\n" +
		"env: {tags: {bad: {UNHEALTHY: \"1\"}}}\n"
	if err := w.project.Write("config/deploy.lab.yml", overlay); err != nil {
		t.Fatal(err)
	}
	v2 := w.commit("second")
	var runs []*load.Run
	for _, h := range theLab.Hosts {
		r, err := load.Start(t.Context(), load.Options{URL: "http://" + h.IP + "/version", Rate: 70, For: 4 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	o := w.hwdeploy("lab")
	for i, r := range runs {
		if rep := r.Stop(); rep.Failed != 0 {
			t.Errorf("lab-%d: %s", i+1, rep)
		}
	}
	if o.code != 1 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	for _, h := range []string{"lab-1", "lab-2", "lab-3"} {
		w.contains(o, fmt.Sprintf("%s: web serves %s", h, v1))
	}
	w.wantServes(v1, "lab-1", "lab-2", "lab-3")
	w.wantUnlocked()
	for _, h := range []string{"lab-1", "lab-2", "lab-3"} {
		if out := w.on(h, "docker ps --format '{{.Names}}'"); strings.Contains(out, v2) {
			t.Errorf("%s still runs the new version: %s", h, out)
		}
	}
}

// Two deployers at once: one proceeds, the other says who holds the lock.
func TestTwoDeployersExcludeEachOther(t *testing.T) {
	w := begin(t, twoHosts())
	w.must("lab")
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nsleep 6\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	v2 := w.commit("second")
	first := w.start("deploy", "-d", "lab", "--skip-push", "--version", pushed(w, v2))
	w.eventually(time.Minute, "the first holds the lock", func() bool { return w.journal("lab-2", " started ") && held(w) })
	second := w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--version", v2)
	if second.code != 5 {
		t.Errorf("exit %d\n%s", second.code, second.out)
	}
	w.contains(second, "another hwdeploy run", "lab-1")
	if o := first.wait(); o.code != 0 {
		t.Errorf("the first: exit %d\n%s", o.code, o.out)
	}
	w.wantServes(v2, "lab-1", "lab-2")
	w.wantUnlocked()
}

// Filtered deployers take Kamal's lock on different hosts; where they share a
// host they exclude each other by the guard.
func TestFilteredDeployersThatShareAHost(t *testing.T) {
	w := begin(t, twoHosts())
	w.must("lab")
	if err := w.project.Write(".kamal/hooks/pre-deploy", "#!/bin/sh\nsleep 6\n"); err != nil {
		t.Fatal(err)
	}
	chmod(w, ".kamal/hooks/pre-deploy")
	v1 := w.revision()
	first := w.start("deploy", "-d", "lab", "--skip-push", "--version", v1) // locks on lab-1
	w.eventually(time.Minute, "the first holds the lock", func() bool { return held(w) })
	second := w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--version", v1, "--hosts", "lab-2") // would lock on lab-2
	if second.code != 5 {
		t.Errorf("exit %d\n%s", second.code, second.out)
	}
	w.contains(second, "another hwdeploy run", "lab-2")
	if o := first.wait(); o.code != 0 {
		t.Errorf("the first: exit %d\n%s", o.code, o.out)
	}
	w.wantUnlocked()
}

// held tells whether the deploy lock is there.
func held(w *world) bool {
	out, err := theLab.Host("lab-1").Exec(w.Context(), "cat .kamal/lock-shop-lab/details 2>/dev/null; true")
	return err == nil && strings.TrimSpace(out) != ""
}

// pushed puts an image of that version into the registry, without a build.
func pushed(w *world, version string) string {
	w.Helper()
	if _, err := theLab.PushApp(w.Context(), "demo/shop:"+version, lab.AppImage{Version: version, Service: "shop"}); err != nil {
		w.Fatal(err)
	}
	return version
}
