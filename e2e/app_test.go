package e2e

import (
	"strings"
	"testing"
)

// The app commands ask the hosts and change nothing but what was asked for.
//
// proves: app exec, app exec --primary, app exec --roles, app exec --version, app exec --reuse, app exec --raw
// proves: app logs, app logs --lines, app version, app details
func TestAppCommands(t *testing.T) {
	w, v1 := live(t, twoHosts())
	v2 := w.commit("second")
	w.must("lab")

	o := w.must("app", "exec", "--primary", "--roles=sidekiq", "--version", v2, "cat /rails/REVISION; echo on $(hostname)", "-d", "lab")
	w.contains(o, "App Host: lab-2", "on lab-2") // the rest of the line runs on the host, as with Kamal
	o = w.must("app", "exec", "--reuse", "--raw", "-r", "web", "echo hello from $KAMAL_HOST", "-d", "lab")
	if strings.Count(o.out, "hello from") != 2 {
		t.Errorf("exec --reuse: %s", o.out)
	}
	o = w.must("app", "logs", "-d", "lab", "-r", "web", "-n", "5")
	w.contains(o, "App Host: lab-1", "App Host: lab-2", "listening")
	o = w.must("app", "version", "-d", "lab")
	w.contains(o, v2)
	o = w.must("app", "versions", "-d", "lab")
	w.contains(o, v1, v2, "live", "stopped", "sidekiq")
	o = w.must("app", "details", "-d", "lab")
	w.contains(o, "shop-web-lab-"+v2, "shop-sidekiq-lab-"+v2)
	if out := w.on("lab-2", "docker ps -a --format '{{.Names}}' | grep -c -- -exec-; true"); out != "0" {
		t.Errorf("%s exec containers are left", out)
	}
}

// The lock can be looked at, taken and freed by hand, in Kamal's form.
//
// proves: lock status, lock acquire, lock acquire --message, lock release
func TestLockCommands(t *testing.T) {
	w, _ := live(t, twoHosts())
	w.contains(w.must("lock", "status", "-d", "lab"), "There is no deploy lock")
	w.must("lock", "acquire", "-m", "maintenance", "-d", "lab")
	text := w.on("lab-1", "base64 -d .kamal/lock-shop-lab/details")
	if !strings.HasPrefix(text, "Locked by: ") || !strings.HasSuffix(text, "Message: maintenance") {
		t.Errorf("details: %q", text)
	}
	w.contains(w.must("lock", "status", "-d", "lab"), "maintenance")
	if o := w.hwdeploy("deploy", "-d", "lab", "--skip-push", "--lock-wait"); o.code != 5 {
		t.Errorf("a deploy waited for a manual lock: exit %d\n%s", o.code, o.out)
	}
	w.must("lock", "release", "-d", "lab")
	w.wantUnlocked()
	w.contains(w.must("lock", "release", "-d", "lab"), "There is no deploy lock")
}
