package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A host without Docker gets it from the installer that the host fetches, and the
// set-up goes on; the hook docker-setup is told that the lock is held.
//
// proves: server bootstrap, setup
func TestBootstrapInstallsDocker(t *testing.T) {
	w := begin(t, twoHosts())
	hook(w, "docker-setup", "echo $KAMAL_COMMAND $KAMAL_SUBCOMMAND $KAMAL_LOCK $KAMAL_HOSTS >> setup.out\n")
	withoutDocker(w, "lab-2")
	w.contains(w.must("server", "bootstrap", "-d", "lab"), "install-docker")
	w.on("lab-2", "docker -v")
	if got := readFile(w, "setup.out"); got != "server bootstrap true lab-2,lab-1\n" && got != "server bootstrap true lab-1,lab-2\n" {
		t.Errorf("the hook was told: %q", got)
	}
	if o := w.must("server", "bootstrap", "-d", "lab"); strings.Contains(o.out, "install-docker") {
		t.Errorf("installed again:\n%s", o.out)
	}
	w.wantUnlocked()

	withoutDocker(w, "lab-1")
	w.must("setup", "-d", "lab", "--skip-push", "--version", pushed(w, "v1"))
	w.wantServes("v1", "lab-1", "lab-2")
	w.wantUnlocked()
}

// withoutDocker takes the program away; what a fetch of the installer gives puts
// it back, as a real one would.
func withoutDocker(w *world, host string) {
	w.Helper()
	const installer = `#!/bin/sh
[ "$2" = https://get.docker.com ] && echo 'mv /usr/bin/docker.away /usr/bin/docker'
`
	back := func(ctx context.Context) error {
		_, err := theLab.Host(host).Exec(ctx, "rm -f /usr/local/bin/curl; [ ! -e /usr/bin/docker.away ] || mv /usr/bin/docker.away /usr/bin/docker")
		return err
	}
	w.on(host, "mv /usr/bin/docker /usr/bin/docker.away")
	if err := theLab.Host(host).WriteFile(w.Context(), "/usr/local/bin/curl", installer); err != nil {
		w.Fatal(err)
	}
	w.on(host, "chmod 755 /usr/local/bin/curl")
	w.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := back(ctx); err != nil {
			w.Error(err)
		}
	})
}

// A line runs on each selected host itself, parsed by its shell and noted in its
// audit log; its exit status counts.
//
// proves: server exec, server exec --raw, server exec --hosts, server exec --roles, server exec --primary
func TestServerExec(t *testing.T) {
	w := begin(t, twoHosts())
	w.contains(w.must("server", "exec", "echo", "$(hostname) | tr a-z A-Z", "-d", "lab"), "App Host: lab-1\nLAB-1\n", "App Host: lab-2\nLAB-2\n")
	w.wantAudit("lab-1", "Executed cmd 'echo $(hostname) | tr a-z A-Z' on lab-1")
	for _, flags := range [][]string{{"--hosts", "lab-[1]"}, {"-p"}, {"--roles", "web", "--hosts", "lab-1"}} {
		o := w.must(append([]string{"server", "exec", "hostname", "--raw", "-d", "lab"}, flags...)...)
		if o.out != "lab-1\n" {
			t.Errorf("%v: %q", flags, o.out)
		}
	}
	if o := w.must("server", "exec", "--raw", "-r", "side*", "hostname", "-d", "lab"); o.out != "lab-2\n" {
		t.Errorf("the hosts of a role: %q", o.out)
	}
	o := w.hwdeploy("server", "exec", "false", "-d", "lab")
	if o.code != 1 {
		t.Errorf("exit %d", o.code)
	}
	w.contains(o, "lab-1", "lab-2", "exit status 1")
}

// hook writes a hook of the project.
func hook(w *world, name, script string) {
	w.Helper()
	w.write(".kamal/hooks/"+name, "#!/bin/sh\n"+script)
	chmod(w, ".kamal/hooks/"+name)
}

func readFile(w *world, path string) string {
	w.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, path))
	if err != nil {
		w.Error(err)
	}
	return string(b)
}

// A terminal is joined to the primary host, or to an accessory, and the exit code
// is the command's.
//
// proves: server exec --interactive, accessory exec --interactive, accessory exec --reuse
func TestInteractiveBesideTheApp(t *testing.T) {
	w := withAccessories(t)
	c, keys := w.onTerminal("server", "exec", "-i", "sh", "-d", "lab")
	c.sees("# ", 1)
	typed(w, keys, "echo on $(hostname)\r")
	c.sees("on lab-1", 1)
	typed(w, keys, "exit 5\r")
	if code := c.wait().code; code != 5 {
		t.Errorf("exit %d\n%s", code, c.out)
	}
	w.must("accessory", "boot", "cache", "-d", "lab")
	for _, flags := range [][]string{{"-i"}, {"-i", "--reuse"}} {
		c, keys = w.onTerminal(append([]string{"accessory", "exec", "cache", "sh", "-d", "lab"}, flags...)...)
		c.sees("# ", 1)
		typed(w, keys, "echo $MODE-$CACHE_TOKEN\r")
		c.sees("fast-cache-secret", 1)
		typed(w, keys, "\x04")
		if code := c.wait().code; code != 0 {
			t.Errorf("%v: exit %d\n%s", flags, code, c.out)
		}
	}
	if got := w.on("lab-3", "docker ps -aq | wc -l"); got != "1" {
		t.Errorf("%s containers", got)
	}
}
