package edge_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/edge/bundle"
	"github.com/warmlyyours/hwdeploy/edge/wrangler"
	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

const workerConfig = `
name = "www-edge"
main = "index.ts"
compatibility_date = "2026-01-31"
routes = ["www.example.test/*", { pattern = "edge.example.test", custom_domain = true }]
logpush = true
triggers = { crons = ["0 3 * * *"] }
[vars]
ORIGIN = "https://origin.example.test"
[[kv_namespaces]]
binding = "PAGES"
id = "kv1"
`

const workerScript = `import page from "./page.html";
export default { fetch: (r: Request): Response => new Response(page) };
`

// workerOf bundles a Worker; changes are pairs of old and new text in both files.
func workerOf(t *testing.T, changes ...string) edge.Worker {
	t.Helper()
	dir, edit := t.TempDir(), strings.NewReplacer(changes...).Replace
	for name, text := range map[string]string{"index.ts": edit(workerScript), "page.html": "<h1>1</h1>"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := wrangler.Parse(filepath.Join(dir, "wrangler.toml"), []byte(edit(workerConfig)), wrangler.Environment{Base: true})
	if err != nil {
		t.Fatal(err)
	}
	w.Account = cloudflare.Account
	s, err := bundle.Build(w)
	if err != nil {
		t.Fatal(err)
	}
	return edge.Worker{Worker: w, Script: s, Zone: cloudflare.Zone}
}

func deploy(t *testing.T, c *edge.Client, w edge.Worker) (string, error) {
	t.Helper()
	p, err := c.PlanWorker(t.Context(), w)
	if err != nil {
		return "", err
	}
	_, err = c.DeployWorker(t.Context(), w, p, func(string) {})
	return p.String(), err
}

func mustDeploy(t *testing.T, c *edge.Client, w edge.Worker, want string) {
	t.Helper()
	if text, err := deploy(t, c, w); err != nil || text != want {
		t.Fatalf("%q, %v, wanted %q", text, err, want)
	}
}

func paths(list []cloudflare.Request) string {
	var all []string
	for _, r := range list {
		all = append(all, r.Method+" "+r.Path[strings.LastIndex(r.Path, "/")+1:])
	}
	return strings.Join(all, ", ")
}

// The first deploy uploads the script whole, with its routes and triggers; the
// same one again sends nothing; a change makes a version and deploys it.
func TestAWorkerIsSentWhenItChanged(t *testing.T) {
	s, c := begin(t)
	mustDeploy(t, c, workerOf(t), "worker www-edge: new")
	if got := paths(s.Writes()); got != "PUT www-edge, POST subdomain, PUT schedules, POST routes, PUT domains" {
		t.Errorf("writes: %s", got)
	}
	x := s.Script("www-edge")
	live := x.Live()
	if x.Subdomain.Enabled || len(x.Crons) != 1 || len(s.Routes()) != 1 || len(s.Domains()) != 1 || len(live.Bindings) != 2 || live.Metadata["logpush"] != true {
		t.Errorf("%+v, routes %v, domains %v", x, s.Routes(), s.Domains())
	}
	if len(live.Parts) != 2 || live.Parts[0].Name != "index.js" || string(live.Parts[1].Data) != "<h1>1</h1>" {
		t.Errorf("parts %v", live.Parts)
	}
	s.Forget()
	mustDeploy(t, c, workerOf(t), "worker www-edge: unchanged")
	if w := s.Writes(); len(w) != 0 {
		t.Errorf("unchanged, and sent: %s", paths(w))
	}
	mustDeploy(t, c, workerOf(t, "(page)", "(page + 2)"), "worker www-edge: a new version")
	if got := paths(s.Writes()); got != "POST versions, PATCH script-settings, POST deployments" {
		t.Errorf("writes: %s", got)
	}
	if live := s.Script("www-edge").Live(); !strings.Contains(string(live.Parts[0].Data), "page + 2") {
		t.Errorf("live is %s", live.Parts[0].Data)
	}
}

// A variable, a route, a trigger and an address are changes, too; only what
// differs is sent.
func TestWhatElseIsAChange(t *testing.T) {
	version, other := "worker www-edge: a new version", "worker www-edge: same version, other routes or triggers"
	for name, x := range map[string]struct{ from, to, want, writes string }{
		"variable": {"https://origin.", "https://other.", version, "POST versions, PATCH script-settings, POST deployments"},
		"route":    {`["www.example.test/*"`, `["www.example.test/*", "a.example.test/*"`, other, "POST routes"},
		"trigger":  {`"0 3 * * *"`, "", other, "PUT schedules"},
		"address":  {"logpush", "workers_dev = true\nlogpush", other, "POST subdomain"},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := begin(t)
			mustDeploy(t, c, workerOf(t), "worker www-edge: new")
			s.Forget()
			mustDeploy(t, c, workerOf(t, x.from, x.to), x.want)
			if got := paths(s.Writes()); got != x.writes {
				t.Errorf("writes: %s, wanted %s", got, x.writes)
			}
			mustDeploy(t, c, workerOf(t, x.from, x.to), "worker www-edge: unchanged")
		})
	}
}

// Secrets that were set elsewhere stay, and what somebody deployed otherwise is
// noticed.
func TestSecretsStayAndOtherDeploysAreNoticed(t *testing.T) {
	s, c := begin(t)
	mustDeploy(t, c, workerOf(t), "worker www-edge: new")
	s.PutSecret("www-edge", "KEY")
	mustDeploy(t, c, workerOf(t), "worker www-edge: a new version")
	names := map[any]bool{}
	for _, b := range s.Script("www-edge").Live().Bindings {
		names[b["name"]] = true
	}
	if len(names) != 3 || !names["KEY"] || !names["ORIGIN"] || !names["PAGES"] {
		t.Errorf("bindings %v", names)
	}
}

func TestRollBack(t *testing.T) {
	s, c := begin(t)
	mustDeploy(t, c, workerOf(t), "worker www-edge: new")
	if _, err := c.RollBackWorker(t.Context(), cloudflare.Account, "www-edge", ""); !errors.Is(err, edge.ErrNoVersion) {
		t.Errorf("error %v", err)
	}
	first := s.Script("www-edge").Live().ID
	mustDeploy(t, c, workerOf(t, "(page)", "(page + 2)"), "worker www-edge: a new version")
	second := s.Script("www-edge").Live().ID
	for _, want := range []string{first, second} { // back, and forth
		if v, err := c.RollBackWorker(t.Context(), cloudflare.Account, "www-edge", ""); err != nil || v != want || s.Script("www-edge").Live().ID != want {
			t.Errorf("back to %s, %v, wanted %s", v, err, want)
		}
	}
	if _, err := c.RollBackWorker(t.Context(), cloudflare.Account, "www-edge", "nope"); err == nil || !strings.Contains(err.Error(), "could not find version nope") {
		t.Errorf("error %v", err)
	}
}

// A route of another worker, or of none, is found before anything is sent.
func TestARouteOfAnotherWorkerIsNotTaken(t *testing.T) {
	for worker, want := range map[string]string{
		"theirs": `route www.example.test/* belongs to the worker "theirs", not www-edge`,
		"":       "route www.example.test/* is kept free of workers at Cloudflare",
	} {
		s, c := begin(t)
		s.AddRoute("www.example.test/*", worker)
		if _, err := deploy(t, c, workerOf(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v", err)
		}
		if w := s.Writes(); len(w) != 0 {
			t.Errorf("sent: %s", paths(w))
		}
	}
}
