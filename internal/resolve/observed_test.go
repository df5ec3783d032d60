package resolve_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// testdata/observed/commands.txt holds every command line that Kamal 2.12.0 was
// seen to send for the project beside it, each once, with placeholders for what
// differs from run to run. Every line must be one that we write, or one of those
// in kamallines_test.go.
func TestObservedCommandLines(t *testing.T) {
	ours := map[string]bool{}
	for _, destination := range []string{"", "stage", "edge"} {
		c := load(t, "config/deploy.yml", destination)
		for _, version := range []string{"s1", "s2", "s3", "s4", "s6", "s7", "upfail", "<git sha>"} {
			for _, l := range allLines(c, version, "Example User", "user@example.test") {
				ours[sent(l)] = true
			}
		}
	}
	for _, version := range []string{"r10", "<git sha>"} {
		for _, l := range allLines(load(t, "config/plain-deploy.yml", ""), version, "lab", "lab@example.com") {
			ours[sent(l)] = true
		}
	}
	text, err := os.ReadFile("testdata/observed/commands.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) < 200 {
		t.Fatalf("only %d observed lines", len(lines))
	}
	for _, l := range lines {
		if !ours[l] {
			t.Errorf("Kamal sent a line that we don't know:\n%s\nnearest:\n%s", l, nearest(l, ours))
		}
	}
	t.Logf("%d observed lines, %d of ours", len(lines), len(ours))
}

func nearest(want string, lines map[string]bool) (best string) {
	for l := range lines {
		if common(l, want) > common(best, want) {
			best = l
		}
	}
	return best
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func load(t *testing.T, file, destination string) *config.Config {
	t.Helper()
	c, err := config.Load(context.Background(), config.Options{
		Dir: filepath.Join("testdata", "observed", "project"), File: file, Destination: destination,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// allLines are the lines of all commands for one version.
func allLines(c *config.Config, version, name, email string) []string {
	app := resolve.App(c)
	o := observed{c: c, app: app, version: version, email: email}
	o.add(kamal.DockerVersionLine, kamal.ProxyStartLine, kamal.ProxyStopLine, kamal.ProxyRemoveContainer, kamal.ProxyRemoveImage,
		kamal.ProxyRemoveDirLine, kamal.LogoutLine(c.Registry.Server), app.ProxyDirLine(), app.EnvDirLine(), app.ErrorPagesCleanLine(version),
		app.RemoveAppDirLine(), app.RemoveProxyAppDirLine())
	image := resolve.Image(c, version)
	o.add(kamalsHostLines(c, app)...)
	o.add(kamalsImageLines(app, image, resolve.Latest(c))...)
	for _, message := range []string{"", `Migrating by hand "now"`} {
		o.add(lockLine(app, kamal.LockInfo{By: name, At: time.Unix(0, 0), Version: version, Message: message}))
	}
	for _, host := range c.AllHosts() {
		o.add(resolve.ProxyRun(c, host), kamalsProxyBoot(resolve.ProxyRun(c, host)))
	}
	o.add(kamalsProxyBoot(edgeWithIPv6().Line()))
	for _, r := range c.Roles {
		o.role(r)
	}
	for _, a := range c.Accessories {
		o.accessory(a)
	}
	o.audits("", "Pulled image with version "+version, "Tagging "+image+" as the latest image", "Pruned containers", "Pruned images",
		"Started app version "+version, "Removed all app images", "Removed "+app.AppDir(), "Rebooted proxy", "Stopped proxy",
		"Removed proxy container", "Removed proxy image", "Executed cmd 'sleep 1' on app version latest-stage",
		"Executed cmd 'cat /rails/VERSION; echo $PLAIN' on app version latest-stage")
	return o.lines
}

type observed struct {
	c              *config.Config
	app            kamal.App
	version, email string
	lines          []string
}

func (o *observed) add(lines ...string) { o.lines = append(o.lines, lines...) }

func (o *observed) audits(role string, messages ...string) {
	for _, m := range messages {
		l := o.app.Audit(kamal.AuditEntry{At: time.Unix(0, 0), Performer: o.email, Role: role, Message: m})
		o.add(strings.ReplaceAll(l, "1970-01-01T00:00:00Z", "<time>"))
	}
}

func (o *observed) role(r *config.Role) {
	c, names := o.c, o.app.Role(r.Name)
	latest := resolve.Latest(c)
	replaced := kamal.Replaced(o.version, "<16 hex>")
	o.add(kamalsRoleLines(names, o.version, latest, strings.Join(resolve.StopArgs(c, r), " "))...)
	o.add(names.ResumeLine(), names.MaintenanceLine("3", `Back "soon" & well`), kamal.ProxyLine("remove", names.Prefix(), nil),
		names.RenameLine(o.version, replaced), names.CurrentIDLine(latest), names.AssetCleanLine(o.version),
		names.AssetExtractLine(o.version, strings.Split(r.AssetPath, ":")[0], resolve.Image(c, o.version)),
		kamal.ExecReuseLine(names.Container(o.version), "", "sh -c 'cat /rails/VERSION; echo $K'", []kamal.Pair{{Key: "K", Value: kamal.Text("v one")}}),
		resolve.ProxyDeploy(c, r, o.version, "<id of "+names.Container(o.version)+">:80").Line())
	for _, old := range []string{"", "s1", "s2", "s3", "s4"} {
		o.add(names.AssetSyncLine(o.version, old))
	}
	o.audits(r.Name, "Stopped app", "Booted app version "+o.version, "Removed all app containers",
		"Renaming container "+o.version+" to "+replaced, "Executed cmd 'sh -c 'cat /rails/VERSION; echo $K'' on app version "+o.version)
	for _, host := range r.HostNames() {
		o.add(resolve.Run(c, r, host, o.version, "<12 hex>").RunLine())
		tag := c.LatestTag()
		exec := resolve.Exec(c, r, host, tag, names.Exec(tag, "<6 hex>"), "cat /rails/VERSION; echo $PLAIN")
		o.add(exec.Line())
		exec.Mode, exec.Cmd = "--detach", "sleep 1"
		o.add(exec.Line())
	}
}

func (o *observed) accessory(a *config.Accessory) {
	c, names := o.c, resolve.Accessory(o.c, a)
	o.add(names.DetailsLine(), names.RemoveDirLine(), names.ProxyRemoveLine())
	o.add(kamalsAccessoryLines(names, a.Image)...)
	for _, m := range a.Files {
		o.add(kamalsFileLines(names.FilePath(m.Remote), resolve.FileMode(m), m.Owner)...)
	}
	for _, m := range a.Directories {
		o.add(names.DirLines(m.Local, m.Mode, m.Owner)...)
	}
	for _, host := range a.Hosts {
		run := resolve.AccessoryRun(c, a, host)
		o.add(run.RunLine(), run.ExecLine("", "cat /etc/rules.txt"))
	}
	o.add(resolve.AccessoryProxyDeploy(c, a, o.version, "<id of "+a.Service+">:80").Line())
	o.audits("", "Booted "+a.Name+" accessory", "Started "+a.Name+" accessory", "Stopped "+a.Name+" accessory",
		"Remove "+a.Name+" accessory container", "Removed "+a.Name+" accessory image", "Executed cmd 'cat /etc/rules.txt' on "+a.Name+" accessory")
}

// lockLine puts the text of the lock in the place of its Base64.
func lockLine(app kamal.App, l kamal.LockInfo) string {
	details := kamal.EncodeLock(l)
	text := strings.ReplaceAll(kamal.DecodeLock(details).Text, "1970-01-01T00:00:00Z", "<time>")
	return strings.Replace(app.LockLine(details), details, "<base64 of: "+strings.ReplaceAll(text, "\n", " / ")+">", 1)
}

// edgeWithIPv6 is the edge destination as it stood for one of the runs.
func edgeWithIPv6() kamal.ProxyRunSpec {
	return kamal.ProxyRunSpec{
		Publish: true, HTTPPort: 8080, HTTPSPort: 8443, BindIPs: []string{"127.0.0.1", "::1"}, LogMaxSize: "20m", MetricsPort: 9090,
		Debug: true, Image: "basecamp/kamal-proxy:v0.9.2", Options: []kamal.Pair{
			{Key: "label", Value: kamal.Value{Kind: kamal.ListValue, List: []kamal.Value{kamal.Text("edge=yes")}}},
			{Key: "memory", Value: kamal.Text("128m")},
		},
	}
}

// The create line is the run line but for the two words.
func TestCreateLineIsTheRunLine(t *testing.T) {
	c := load(t, "config/deploy.yml", "stage")
	for _, r := range c.Roles {
		spec := resolve.Run(c, r, r.Hosts[0].Name, "s1", "abc")
		if got := strings.Replace(spec.CreateLine(), "docker create", "docker run --detach", 1); got != spec.RunLine() {
			t.Errorf("%s\n%s", got, spec.RunLine())
		}
	}
	detach := regexp.MustCompile(`docker run( --name \S+) --detach`)
	for _, a := range c.Accessories {
		spec := resolve.AccessoryRun(c, a, a.Hosts[0])
		if want := detach.ReplaceAllString(spec.RunLine(), "docker create$1"); want != spec.CreateLine() {
			t.Errorf("%s\n%s", spec.CreateLine(), want)
		}
	}
}
