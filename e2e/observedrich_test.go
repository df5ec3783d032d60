package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What belongs to the accessories of the recorded project, which were stopped and
// started again and again before the state without destination.
const accessories = `shop-manual|accessor|demo/tool|tool:1\.0|cache-store| - shop-cache$| shop-cache/`

// Kamal's first set-up failed at the proxied accessory, and the second left it
// unknown to the proxy; ours serves it at once.
const docsRoute = `^shop-manual +docs|"shop-manual"|^proxy volume| accessory$`

// The error pages that the proxied accessory was given stay: without them the
// proxy, started again, would lose every route. Kamal removes them.
const docsPages = `^[d-].*/error_pages/s1`

// What belongs to the deploy without destination.
const noDestination = `shop-(web|jobs)-s7|\.kamal/apps/shop(/|$)|apps-config/shop(/|$)|shop-audit\.log|^shop-web |"shop-web"|shop:s7`

// What belongs to the destination stage.
const stageOnly = `-stage`

// A project with everything: tags, role env, secrets with aliases, newlines and
// unicode, variables of the host, custom options, volumes, labels, logging,
// error pages, a certificate of its own, boot groups, hooks, accessories; set up
// and deployed to one destination, then without destination beside it. Hosts look
// as Kamal left them, containers show what Kamal's showed, and hooks were told
// the same.
//
// proves: setup, setup --skip-push, setup --version, deploy --skip-push, deploy --version
func TestObservedRich(t *testing.T) {
	cert, key := certificate(t, "shop-stage.example.test")
	w := beginObserved(t, richFiles(t, cert, key), "Example User", "user@example.test")
	w.richTools()
	w.exportOnHosts("HOST_VAR", "from-host")
	watch := w.watch()

	pushObserved(t, "demo/tool", "", "1.0")
	w.rich("setup", "s1", "-d", "stage")
	w.sameAsRecorded(watch, "03-setup-again-s1", func(s snapshot) snapshot { return s.without(deliberate + "|" + docsRoute) })
	for _, e := range watch[:2] {
		w.wantFile(e, ".kamal/proxy/apps-config/shop-stage/tls/web/cert.pem", cert)
		w.wantFile(e, ".kamal/proxy/apps-config/shop-stage/tls/web/key.pem", key)
		w.wantTLS(e, "shop-stage.example.test")
		if out, err := e.host.Exec(w.Context(), "stat -c %a .kamal/proxy/apps-config/shop-stage/tls/web/*.pem"); err != nil || strings.TrimSpace(out) != "600\n600" {
			t.Errorf("%s: the certificate's files have the modes %q, %v", e.name(), out, err)
		}
	}

	remove(w, "hooks.out")
	w.rich("deploy", "s2", "-d", "stage")
	before := w.sameAsRecorded(watch, "06-deploy-s2", func(s snapshot) snapshot {
		return s.without(deliberate + "|" + docsPages + "| accessory$")
	})
	w.sameHooks("06-deploy-s2")

	w.rich("deploy", "s7")
	state, details := recordedState(t, "58-deploy-s7-no-destination"), recordedInspect(t, "58-deploy-s7-no-destination")
	for _, e := range watch {
		got := e.look()
		sameSnapshot(w, e.name()+" without destination", state[e.name()].only(noDestination).without(accessories), got.only(noDestination))
		sameSnapshot(w, e.name()+" stage, untouched", before[e].only(stageOnly).without("^audit"), got.only(stageOnly))
		w.sameInspect(e, details)
	}
	for _, h := range theLab.Hosts[:2] {
		for _, name := range []string{"shop-stage.example.test", "shop.example.test"} {
			if a, err := h.HTTP(t.Context(), name, "/"); err != nil || a.Status != 200 {
				t.Errorf("%s on %s answers %d %v", name, h.Name, a.Status, err)
			}
		}
	}
}

// sameAsRecorded compares all hosts with a recorded state and its details, and
// gives what they show.
func (w *world) sameAsRecorded(watch []*eyes, name string, rest func(snapshot) snapshot) map[*eyes]snapshot {
	w.Helper()
	state, details := recordedState(w.T, name), recordedInspect(w.T, name)
	shown := map[*eyes]snapshot{}
	for _, e := range watch {
		shown[e] = e.look()
		sameSnapshot(w, name+": "+e.name(), rest(state[e.name()]), rest(shown[e]))
		w.sameInspect(e, details)
	}
	return shown
}

func (w *world) rich(command, version string, args ...string) {
	w.Helper()
	pushObserved(w.T, "demo/shop", "shop", version)
	w.must(append([]string{command, "--skip-push", "--version", version}, args...)...)
}

// richFiles is the recorded project, but for its addresses and the registry's
// password.
func richFiles(t *testing.T, cert, key string) map[string]string {
	t.Helper()
	password := regexp.MustCompile(`(?m)^KAMAL_REGISTRY_PASSWORD=.*$`)
	common := password.ReplaceAllLiteralString(observedFile(t, "shop/secrets-common"), "KAMAL_REGISTRY_PASSWORD="+theLab.Registry.Password)
	// Waiting leaves nothing on a host; the recording had 2 s for both.
	short := strings.NewReplacer("wait: 2", "wait: 0", "readiness_delay: 2", "readiness_delay: 1")
	files := map[string]string{
		"config/deploy.yml":       toLab(short.Replace(observedFile(t, "shop/config/deploy.yml"))) + insecure,
		"config/deploy.stage.yml": observedFile(t, "shop/config/deploy.stage.yml"),
		".kamal/secrets":          observedFile(t, "shop/secrets"),
		".kamal/secrets.stage":    observedFile(t, "shop/secrets.stage"),
		".kamal/secrets-common":   common,
		"certs/stage.crt":         cert, "certs/stage.key": key,
		"public/index.html": "not an error page\n",
	}
	for _, name := range []string{"cache.conf", "private.key", "rules.txt.erb"} {
		files["files/"+name] = observedFile(t, "shop/files/"+name)
	}
	for _, code := range []string{"404", "502", "503"} {
		files["public/"+code+".html"] = fmt.Sprintf("%-49s\n", "<h1>"+code+"</h1>")
	}
	for _, name := range []string{
		"docker-setup", "pre-connect", "pre-build", "pre-deploy", "post-deploy", "pre-app-boot", "post-app-boot", "pre-proxy-reboot", "post-proxy-reboot",
	} {
		files[".kamal/hooks/"+name] = observedFile(t, "shop/hook.sh")
	}
	return files
}

// richTools adds the programs that the recorded hook calls.
func (w *world) richTools() {
	w.Helper()
	dir := w.TempDir()
	for _, name := range []string{"basename", "cut", "grep", "sed", "sort", "tr"} {
		at, err := exec.LookPath(name)
		if err == nil {
			err = os.Symlink(at, filepath.Join(dir, name))
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	w.env = append(w.env, "PATH="+tools+":"+dir)
}

// exportOnHosts sets a variable for the shells that commands over SSH run in,
// for this scenario.
func (w *world) exportOnHosts(name, value string) {
	w.Helper()
	for _, h := range theLab.Hosts {
		text, err := h.ReadFile(w.Context(), ".bashrc")
		if err == nil {
			err = h.WriteFile(w.Context(), ".bashrc", fmt.Sprintf("export %s=%s\n%s", name, value, text))
		}
		if err != nil {
			w.Fatal(err)
		}
		w.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := h.WriteFile(ctx, ".bashrc", text); err != nil {
				w.Error(err)
			}
		})
	}
}

// wantFile checks a file whose bytes come from a secret, without the last
// newline that a command substitution takes away.
func (w *world) wantFile(e *eyes, path, text string) {
	w.Helper()
	if got, err := e.host.ReadFile(w.Context(), path); err != nil || got != strings.TrimSuffix(text, "\n") {
		w.Errorf("%s: %s: %v\n%s", e.name(), path, err, got)
	}
}

// wantTLS checks that the proxy shows the project's own certificate.
func (w *world) wantTLS(e *eyes, name string) {
	w.Helper()
	d := tls.Dialer{Config: &tls.Config{ServerName: name, InsecureSkipVerify: true}} //nolint:gosec // self-signed; its names are looked at below
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", e.host.IP+":443")
	if err != nil {
		w.Errorf("%s: %v", e.name(), err)
		return
	}
	defer c.Close() //nolint:errcheck // nothing was written
	if err := c.(*tls.Conn).ConnectionState().PeerCertificates[0].VerifyHostname(name); err != nil {
		w.Errorf("%s: %v", e.name(), err)
	}
}

// sameHooks compares what the hooks of the last run were told.
func (w *world) sameHooks(name string) {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "hooks.out"))
	if err != nil {
		w.Fatal(err)
	}
	ours := strings.NewReplacer(labNet(), recordedNet, "cwd: "+filepath.Base(w.dir)+" ", "cwd: app2 ",
		"KAMAL_REGISTRY_PASSWORD="+theLab.Registry.Password, "KAMAL_REGISTRY_PASSWORD=lab").Replace(stamp.ReplaceAllString(string(text), "<time>"))
	seconds := regexp.MustCompile(`KAMAL_RUNTIME=\d+`)
	lines := func(s string) []string {
		return strings.Split(strings.TrimSpace(seconds.ReplaceAllString(s, "KAMAL_RUNTIME=<n>")), "\n")
	}
	sameLines(w.T, name+": hooks", lines(observedFile(w.T, "hooks/"+name+".txt")), lines(ours))
}
