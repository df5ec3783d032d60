package e2e

import (
	"strings"
	"testing"
	"time"
)

// The guidebook's own command lines after a deploy, by the names that a project
// gives them: the aliases migrate, console, shell and dbc; standalone migrates,
// logs that go on, a role booted anew, secrets in the clear, versions and rollback.
func TestDayTwo(t *testing.T) {
	o := twoHosts()
	o.Overlay = "aliases:\n  migrate: app exec --reuse 'bin/rails db:migrate'\n  console: app exec --interactive --reuse 'sh -c \"echo console of $(cat REVISION); exec sh\"'\n" +
		"  shell: app exec --interactive --reuse 'sh'\n  dbc: app exec --interactive --primary 'sh'\n"
	w, v1 := live(t, o)
	before := len(w.snapshot().Migrations)
	w.contains(w.must("app", "exec", "--primary", "-d", "lab", "bin/rails db:migrate"), "App Host: lab-1", "== migrated ==")
	w.contains(w.must("app", "exec", "--primary", "--roles=sidekiq", "--version", v1, "bin/rails db:migrate", "-d", "lab"), "App Host: lab-2", "== migrated ==")
	w.contains(w.must("migrate", "-d", "lab"), "== migrated ==")
	if n := len(w.snapshot().Migrations) - before; n != 5 { // the alias runs in every role's live container
		t.Errorf("%d migrates ran, wanted 1, 1 and 3", n)
	}
	for _, alias := range []string{"console", "shell", "dbc"} {
		p, screen := w.onTerminal(alias, "-d", "lab")
		if _, err := screen.WriteString("echo it-is-$((40+2)); test -t 0 && echo a-terminal-$((1+1)); exit 3\n"); err != nil {
			t.Fatal(err)
		}
		o := p.wait()
		if o.code == 0 || !strings.Contains(o.out, "it-is-42") || !strings.Contains(o.out, "a-terminal-2") {
			t.Errorf("%s: exit %d\n%s", alias, o.code, o.out)
		}
	}
	w.contains(w.must("secrets", "print", "-d", "lab"), "KAMAL_REGISTRY_PASSWORD="+theLab.Registry.Password)

	follow := w.start("app", "logs", "-d", "lab", "-f")
	w.eventually(time.Minute, "the log is shown as it grows", func() bool {
		return strings.Contains(follow.out.String(), "listening")
	})
	follow.kill()

	started := w.workers()
	w.must("app", "boot", "--roles=sidekiq", "-d", "lab")
	w.wantFetching(v1)
	if again := w.workers(); again == started {
		t.Errorf("the worker was not booted anew: %s", again)
	}
	w.contains(w.must("app", "versions", "-d", "lab"), v1, "live")
}

// workers names the worker that runs.
func (w *world) workers() string {
	w.Helper()
	return w.on("lab-2", "docker ps -q --no-trunc --filter label=role=sidekiq")
}

// Bare commands do what Kamal's do and nothing of the flow: no gate, no migrate.
func TestTheBareDeployHasNothingOfTheFlow(t *testing.T) {
	w := begin(t, extended("  sourcemaps: {cmd: bin/upload-sourcemaps, secrets: [APPSIGNAL_PUSH_API_KEY]}\n"))
	w.must("deploy", "-d", "lab")
	w.wantServes(w.revision(), "lab-1", "lab-2")
	w.wantMigrations(0)
	if err := w.project.Write("app/message.txt", "no commit\n"); err != nil {
		t.Fatal(err)
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--version", w.revision())
	w.wantMigrations(0)
}
