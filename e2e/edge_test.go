package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

const edgeExtension = `  known_hosts: config/known_hosts
  insecure_registry: true
  edge:
    token: CLOUDFLARE_API_TOKEN
    zone: ` + cloudflare.Zone + `
    worker: {config: workers/www-edge/wrangler.toml}
    redirects:
      account: ` + cloudflare.Account + `
      list: www_redirects
      files: [data/cloudflare_rules/*.csv]
`

const edgeToken = "cf-lab-token-0123456789"

// withEdge is a project with all that the edge needs, and the stand-in for
// Cloudflare that it talks to.
func withEdge(t *testing.T) (*world, *cloudflare.Server) {
	t.Helper()
	s, err := cloudflare.Start(edgeToken)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // the test is over
	o := twoHosts()
	o.Destination, o.Extension = "staging", edgeExtension
	o.Overlay = "proxy: {host: staging.example.test}\nx-hwdeploy:\n  edge: {purge: everything}\n"
	o.ProxyHost = "www.example.test"
	o.Files = map[string]string{
		".kamal/secrets-common": "CLOUDFLARE_API_TOKEN=" + edgeToken + "\n",
		"workers/www-edge/wrangler.toml": "name = \"www-edge\"\nmain = \"index.ts\"\ncompatibility_date = \"2026-01-31\"\n" +
			"route = \"www.example.test/*\"\n[env.staging]\nroute = \"staging.example.test/*\"\n",
		"workers/www-edge/index.ts":       "export default { fetch: (r: Request): Promise<Response> => fetch(r) };\n",
		"data/cloudflare_rules/old.csv":   "https://staging.example.test/a,https://staging.example.test/b\n",
		"data/cloudflare_rules/older.csv": "staging.example.test/c,https://staging.example.test/d,302,TRUE\n",
	}
	w := begin(t, o)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, s.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "CLOUDFLARE_BASE_URL="+s.URL, "SSL_CERT_FILE="+ca)
	return w, s
}

// queued writes the queue of URLs to purge.
func (w *world) queued(urls ...string) {
	w.Helper()
	file := filepath.Join(w.dir, "tmp", "cloudflare_purge_urls.txt")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Join(urls, "\n")+"\n"), 0o644); err != nil {
		w.Fatal(err)
	}
}

// wantSent checks the writes at Cloudflare by method and end of the path, and
// forgets them.
func wantSent(t *testing.T, s *cloudflare.Server, want string) {
	t.Helper()
	var all []string
	for _, r := range s.Writes() {
		all = append(all, r.Method+" "+filepath.Base(r.Path))
	}
	if got := strings.Join(all, ", "); got != want {
		t.Errorf("Cloudflare got: %s\nwanted: %s", got, want)
	}
	s.Forget()
}

// The guidebook's `staging -e -r -y`: the worker and the redirects go up after
// the swap, the whole zone and the queue are purged last. The second time the
// first two are as they should be. Production purges the queue alone, the whole
// zone with --purge-full, and --skip-cache-purge nothing.
func TestFlowAndTheEdge(t *testing.T) {
	w, s := withEdge(t)
	w.queued("https://staging.example.test/page")
	o := w.must("staging", "-e", "-r", "-y")
	w.contains(o, "worker www-edge-staging: new", "2 redirects: 2 added", "purged the whole zone, 1 URLs of the queue")
	if p := fmt.Sprint(s.Purges()); p != "[{true []} {false [https://staging.example.test/page]}]" {
		t.Errorf("purges: %s", p)
	}
	wantSent(t, s, "PUT www-edge-staging, POST subdomain, POST routes, POST lists, PUT items, PUT entrypoint, POST purge_cache, POST purge_cache")
	w.noQueue()

	o = w.must("staging", "-e", "-r", "-y")
	w.contains(o, "worker www-edge-staging: unchanged", "2 redirects: unchanged", "purged the whole zone")
	wantSent(t, s, "POST purge_cache")

	w.queued("https://www.example.test/a", "https://www.example.test/b")
	w.must("staging", "-P", "-y", "--skip-cache-purge")
	wantSent(t, s, "")
	w.must("production", "-y")
	if p := fmt.Sprint(s.Purges()); p != "[{false [https://www.example.test/a https://www.example.test/b]}]" {
		t.Errorf("purges: %s", p)
	}
	wantSent(t, s, "POST purge_cache")
	w.noQueue()
	w.must("production", "-P", "-y", "--purge-full")
	if p := fmt.Sprint(s.Purges()); p != "[{true []}]" {
		t.Errorf("purges: %s", p)
	}
}

func (w *world) noQueue() {
	w.Helper()
	if left, err := os.ReadDir(filepath.Join(w.dir, "tmp")); err != nil || len(left) != 0 {
		w.Errorf("tmp: %v %v", left, err)
	}
}

// What fails at Cloudflare after the swap is reported, ends with 1, undoes
// nothing, and the rest is still done. What is wrong in the files is found before
// anything is touched.
func TestAFailureAtTheEdgeUndoesNothing(t *testing.T) {
	w, s := withEdge(t)
	w.must("staging", "-r", "-y")
	s.Forget()
	file := filepath.Join(w.dir, "data/cloudflare_rules/old.csv")
	if err := os.WriteFile(file, []byte("https://staging.example.test/a,nowhere\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := w.hwdeploy("staging", "-r", "-y", "--allow-dirty")
	if o.code != 3 {
		t.Errorf("exit %d", o.code)
	}
	w.contains(o, `data/cloudflare_rules/old.csv:1: target "nowhere" should be a URL`)
	wantSent(t, s, "")

	if err := os.WriteFile(file, []byte("https://staging.example.test/a,https://staging.example.test/z\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	v2 := w.commit("second")
	end := s.Occupy()
	defer end()
	o = w.hwdeploy("staging", "-e", "-r", "-y")
	if o.code != 1 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "somebody else is writing to a list of this Cloudflare account", v2+" is live; what failed came after the swap",
		"worker www-edge-staging: new", "purged the whole zone", "hwdeploy edge redirects")
	w.wantServesAs(v2, "staging.example.test", "lab-1", "lab-2")
	w.wantUnlocked()
	if strings.Contains(o.out, edgeToken) {
		t.Error("the token was shown")
	}
}

// wantServesAs is wantServes for a host name that the proxy tells apart.
func (w *world) wantServesAs(version, name string, hosts ...string) {
	w.Helper()
	for _, h := range hosts {
		a, err := theLab.Host(h).HTTP(w.Context(), name, "/version")
		if err != nil || strings.TrimSpace(a.Body) != version {
			w.Errorf("%s serves %q, %v, wanted %q", h, a.Body, err, version)
		}
	}
}
