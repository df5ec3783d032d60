package e2e

import (
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab"
)

// Three hosts with a role each: filters by host and role, with globs, reach what
// they name and leave the other hosts to the byte as they were.
//
// proves: redeploy, redeploy --skip-push, deploy --roles, deploy --hosts, deploy --primary, rollback --roles
// proves: deploy --verbose, deploy --quiet, deploy --skip-hooks, deploy --config-file
func TestThreeHostsWithARoleEach(t *testing.T) {
	w := begin(t, lab.ProjectOptions{Roles: []lab.Role{
		{Name: "web", Hosts: []string{"lab-1"}}, {Name: "api", Hosts: []string{"lab-2"}}, {Name: "sidekiq", Hosts: []string{"lab-3"}, Cmd: "bundle exec sidekiq"},
	}, Overlay: "servers: {api: {proxy: {host: api.example.test}}}\n"})
	for _, v := range []string{"v1", "v2", "v3", "v4"} {
		pushed(w, v)
	}
	hook(w, "pre-deploy", "echo the hook speaks; echo ran >> hook.out\n")
	deploy := func(version string, flags ...string) outcome {
		t.Helper()
		return w.must(append([]string{"deploy", "--skip-push", "--version", version, "-d", "lab"}, flags...)...)
	}
	if o := deploy("v1", "--quiet"); o.out != "" {
		t.Errorf("--quiet says: %s", o.out)
	}
	w.wantVersions("v1", "v1", "v1")

	before := w.fingerprint("lab-1", "lab-2")
	w.contains(deploy("v2", "--roles", "side*", "--verbose"), "the hook speaks")
	w.wantVersions("v1", "v1", "v2")
	w.same(before, "lab-1", "lab-2")

	before = w.fingerprint("lab-1", "lab-3")
	w.must("redeploy", "--skip-push", "--version", "v3", "-d", "lab", "--hosts", "lab-[2-2]")
	w.wantVersions("v1", "v3", "v2")
	w.same(before, "lab-1", "lab-3")

	before, ran := w.fingerprint("lab-2", "lab-3"), readFile(w, "hook.out")
	deploy("v4", "-p", "-H", "-c", "config/deploy.yml")
	w.wantVersions("v4", "v3", "v2")
	w.same(before, "lab-2", "lab-3")
	if now := readFile(w, "hook.out"); now != ran {
		t.Errorf("--skip-hooks ran a hook")
	}

	w.must("rollback", "v1", "-d", "lab", "-r", "[as]*")
	w.wantVersions("v4", "v1", "v1")
	o := w.hwdeploy("deploy", "--skip-push", "--version", "v1", "-d", "lab", "--hosts", "web-*")
	if o.code != 3 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "No --hosts match for web-*")
	w.wantUnlocked()
}

// wantVersions checks what runs of the roles web, api and sidekiq.
func (w *world) wantVersions(versions ...string) {
	w.Helper()
	for i, role := range []string{"web", "api", "sidekiq"} {
		host := theLab.Hosts[i].Name
		if got := w.on(host, "docker ps --format '{{.Names}}' --filter label=service=shop"); got != "shop-"+role+"-lab-"+versions[i] {
			w.Errorf("%s runs %s, wanted %s %s", host, got, role, versions[i])
		}
	}
}

func (w *world) fingerprint(hosts ...string) string {
	w.Helper()
	all := ""
	for _, name := range hosts {
		text, err := theLab.Host(name).Fingerprint(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		all += text
	}
	return all
}

func (w *world) same(before string, hosts ...string) {
	w.Helper()
	if now := w.fingerprint(hosts...); now != before {
		w.Errorf("%s changed:\n--- before\n%s\n--- after\n%s", strings.Join(hosts, " and "), before, now)
	}
}
