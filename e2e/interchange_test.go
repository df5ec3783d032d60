package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What Kamal's own lines left is continued by hwdeploy: it knows what serves,
// deploys over it, returns to it, and honours its lock; Kamal's lines find what
// hwdeploy made, and go on from there.
func TestEitherToolContinuesTheOther(t *testing.T) {
	w := begin(t, twoHosts())
	web1, web2, jobs := w.byHand("lab-1", "web"), w.byHand("lab-2", "web"), w.byHand("lab-2", "sidekiq")
	all := []byHand{web1, web2, jobs}
	for _, v := range []string{"v1", "v2", "v3", "v4", "v5"} {
		pushed(w, v)
	}
	deployByHand("v1", all...)
	deployByHand("v2", all...)
	w.wantServes("v2", "lab-1", "lab-2")

	// hwdeploy reads it.
	w.contains(w.must("app", "version", "-d", "lab"), "v2")
	w.contains(w.must("app", "exec", "--reuse", "-p", "--raw", "sh -c 'echo $KAMAL_VERSION'", "-d", "lab"), "v2")
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "v3")
	for _, k := range all {
		k.wantCurrent("v3", "v2", "v1")
	}
	w.must("rollback", "v2", "-d", "lab")
	for _, k := range all {
		k.wantCurrent("v2", "v3")
	}

	// Kamal goes on, over what hwdeploy left; then hwdeploy again.
	deployByHand("v4", all...)
	w.wantServes("v4", "lab-1", "lab-2")
	for _, k := range all {
		k.wantCurrent("v4", "v2", "v3")
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "v5")
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "v5") // the same again: the clash is renamed
	for _, k := range all {
		k.wantCurrent("v5", "v4")
		if n := w.on(k.host, "docker ps -a --format '{{.Names}}' | grep -c '^shop-"+k.role+"-lab-v5_replaced_[0-9a-f]*$'"); n != "1" {
			t.Errorf("%s/%s: %s renamed containers", k.host, k.role, n)
		}
	}

	// Kamal's pruning finds what it may remove, and leaves what serves.
	for _, k := range all[:2] {
		k.pruneByHand("v5", 1)
	}
	w.wantServes("v5", "lab-1", "lab-2")
	if got := w.on("lab-1", "docker ps -a --format '{{.Names}} {{.State}}' --filter label=service=shop"); strings.Count(got, "exited") != 1 || strings.Count(got, "running") != 1 {
		t.Errorf("after Kamal's prune:\n%s", got)
	}
	if got := w.on("lab-1", "docker image ls --format '{{.Tag}}' '*/demo/shop' | sort | tr '\\n' ' '"); got != "latest-lab v5" {
		t.Errorf("images after Kamal's prune: %s", got)
	}
}

// wantCurrent checks that Kamal's questions about a role are answered: which
// container serves, under which version, which versions run, and that stopped
// ones are found by their version.
func (k byHand) wantCurrent(version string, stopped ...string) {
	k.w.Helper()
	id := k.w.on(k.host, "docker ps -q --filter name=^shop-"+k.role+"-lab-"+version+"$")
	for _, c := range []struct{ line, want string }{
		{"CURID", id}, {"CURVER", version}, {"VERS", version}, {"FIND", id}, {"STATUS", "running"},
	} {
		if got := k.do(c.line, version); got != c.want || got == "" {
			k.w.Errorf("%s/%s: %s gives %q, wanted %q", k.host, k.role, c.line, got, c.want)
		}
	}
	for _, v := range stopped {
		if got := k.do("STATUS", v); got != "exited" {
			k.w.Errorf("%s/%s: the container of %s: %q", k.host, k.role, v, got)
		}
	}
	if got := k.do("VALID", version); got != "shop" {
		k.w.Errorf("%s: the image's label: %q", k.host, got)
	}
	if k.role == "web" {
		if got := k.do("PXVER", version); got != "v0.9.2" {
			k.w.Errorf("%s: the proxy: %q", k.host, got)
		}
		list := k.w.on(k.host, "docker exec kamal-proxy kamal-proxy list")
		if want := fmt.Sprintf("%s:80", id); !strings.Contains(list, want) {
			k.w.Errorf("%s: the proxy does not serve %s:\n%s", k.host, want, list)
		}
	}
}

// What Kamal's lines run is stopped, started, pruned and removed by hwdeploy; what
// hwdeploy deployed is removed by Kamal's lines.
func TestEitherToolEndsTheOther(t *testing.T) {
	w := begin(t, twoHosts())
	web1, web2, jobs := w.byHand("lab-1", "web"), w.byHand("lab-2", "web"), w.byHand("lab-2", "sidekiq")
	all := []byHand{web1, web2, jobs}
	for _, v := range []string{"v1", "v2", "v3"} {
		pushed(w, v)
		deployByHand(v, all...)
	}
	w.must("app", "stop", "-d", "lab")
	for _, k := range all {
		if got := k.do("VERS", "v3"); got != "" {
			t.Errorf("%s/%s runs %s", k.host, k.role, got)
		}
	}
	w.must("app", "start", "-d", "lab")
	for _, k := range all {
		k.wantCurrent("v3", "v2", "v1")
	}
	w.must("prune", "containers", "--retain", "1", "-d", "lab")
	if got := w.on("lab-1", "docker ps -a --format '{{.Names}}' --filter label=service=shop | sort | tr '\\n' ' '"); got != "shop-web-lab-v2 shop-web-lab-v3" {
		t.Errorf("after prune: %s", got)
	}
	w.must("remove", "-y", "-d", "lab")
	for _, host := range []string{"lab-1", "lab-2"} {
		w.wantNothing(host)
		w.on(host, "docker load -q -i /usr/local/share/lab/kamal-proxy.tar") // no registry here has it
	}

	w.must("deploy", "-d", "lab", "--skip-push", "--version", "v1")
	for _, k := range all {
		if k.do("CURVER", "") != "v1" {
			t.Errorf("%s/%s: Kamal does not know what serves", k.host, k.role)
		}
		if k.role == "web" {
			k.do("PXREMOVE", "v1")
		}
		k.do("STOPCUR", "v1")
		k.do("RMALL", "v1")
	}
	for _, k := range all[:2] {
		k.do("RMIMAGES", "v1")
		k.do("RMDIRS", "v1")
		if got := w.on(k.host, "docker ps -aq --filter label=service=shop; docker image ls -q '*/demo/shop'; ls -d .kamal/apps/* 2>/dev/null; docker exec kamal-proxy kamal-proxy list | tail -n +2"); got != "" {
			t.Errorf("%s: after Kamal's removal: %s", k.host, got)
		}
	}
}

// An accessory that Kamal's line runs is hwdeploy's, too.
func TestAnAccessoryOfTheOtherTool(t *testing.T) {
	w := withAccessories(t)
	k := w.byHand("lab-3", "cache")
	k.do("NET", "")
	w.on("lab-3", "mkdir -p .kamal/apps/shop-lab/env/accessories shop-cache/etc shop-cache/data; echo CACHE_TOKEN=cache-secret >.kamal/apps/shop-lab/env/accessories/cache.env; echo size 1 >shop-cache/etc/cache.conf; touch shop-cache/data/kept")
	k.do("LOGIN", "")
	id := k.do("ARUN", "")
	id = id[max(0, len(id)-64):]
	w.contains(w.must("accessory", "boot", "cache", "-d", "lab"), "a container already exists")
	w.contains(w.must("accessory", "details", "cache", "-d", "lab"), id[:12])
	w.must("accessory", "restart", "cache", "-d", "lab")
	w.contains(w.must("accessory", "exec", "cache", "--reuse", "cat /etc/cache.conf; docker ps -q --no-trunc --filter name=shop-cache", "-d", "lab"), "size 1", id)
	w.must("accessory", "reboot", "cache", "-d", "lab")
	if got := w.on("lab-3", "docker inspect -f '{{.State.Status}}' shop-cache; ls shop-cache/data; "+replaced); got != "running\nkept\n0" {
		t.Errorf("after reboot: %s", got)
	}
	w.must("accessory", "remove", "cache", "-y", "-d", "lab")
	w.wantNothing("lab-3")
}

// One lock for both: Kamal's keeps hwdeploy out and is shown and freed by it;
// hwdeploy's keeps Kamal out, and Kamal's status line reads it.
//
// proves: lock status, lock acquire, lock release, deploy --lock-wait, deploy --lock-wait-timeout, deploy --lock-wait-interval
func TestTheLockIsOneForBothTools(t *testing.T) {
	w, v1 := live(t, twoHosts())
	k := w.byHand("lab-1", "web")
	k.do("LK", v1)
	w.contains(w.must("lock", "status", "-d", "lab"), "Locked by: Other Tool at 2026-01-31T10:00:00Z", "Version: "+v1, "Message: Automatic deploy lock")
	o := w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--version", v1, "--lock-wait", "--lock-wait-timeout", "2", "--lock-wait-interval", "1")
	if o.code != 5 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "waiting, the deploy lock is held", "timed out after 2s")
	p := w.start("deploy", "-d", "lab", "--skip-push", "--version", v1, "--lock-wait", "--lock-wait-interval", "1")
	p.says("waiting, the deploy lock is held")
	k.do("UNLK", v1)
	if o := p.wait(); o.code != 0 {
		t.Errorf("after Kamal freed its lock: exit %d\n%s", o.code, o.out)
	}

	hook(w, "pre-deploy", "until [ -e go ]; do sleep 0.1; done\n")
	p = w.start("deploy", "-d", "lab", "--skip-push", "--version", v1)
	w.eventually(time.Minute, "the lock is held", func() bool { return held(w) })
	status := k.do("LKST", v1)
	if lines := strings.Split(status, "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "Locked by: ") || lines[1] != "Version: "+v1 || lines[2] != "Message: Automatic deploy lock" {
		t.Errorf("Kamal's status line reads:\n%s", status)
	}
	if out, err := theLab.Host("lab-1").Exec(t.Context(), k.line("LK", v1)+" 2>&1"); err == nil || !strings.Contains(out+err.Error(), "cannot create directory") {
		t.Errorf("Kamal took the lock too: %s %v", out, err)
	}
	w.write("go", "")
	if o := p.wait(); o.code != 0 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.wantUnlocked()

	w.on("lab-1", "mkdir .kamal/lock-shop-lab") // half made: Kamal can't free it
	w.contains(w.must("lock", "release", "-d", "lab"), "Released the deploy lock")
	w.wantUnlocked()
}
