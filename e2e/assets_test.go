package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/packs"
	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

const theBucket = "frontend-assets"

// withAssets is the project of twoHosts with a bucket; more are keys of assets.
func withAssets(t *testing.T, more string) *world { return withBucket(t, twoHosts(), more) }

func withBucket(t *testing.T, o lab.ProjectOptions, more string) *world {
	t.Helper()
	o.Extension = `  known_hosts: config/known_hosts
  insecure_registry: true
  migrate: {role: sidekiq, cmd: bin/rails db:migrate}
  quiet: {roles: [sidekiq], max: 2m}
  assets:
    paths: [/rails/public/packs]
    bucket: ` + theBucket + `
    endpoint: ` + theLab.S3.Endpoint + `
    prefix: packs
    access_key: R2_ACCESS_KEY_ID
    secret_key: R2_SECRET_ACCESS_KEY
` + more
	o.Files = map[string]string{".kamal/secrets-common": "R2_ACCESS_KEY_ID=" + theLab.S3.Account.Key + "\nR2_SECRET_ACCESS_KEY=" + theLab.S3.Account.Secret + "\n"}
	w := begin(t, o)
	if err := theLab.S3.MakeBucket(t.Context(), theBucket); err != nil {
		t.Fatal(err)
	}
	return w
}

// asked runs hwdeploy and gives the requests that reached the bucket, as METHOD
// or LIST.
func (w *world) asked(args ...string) map[string]int {
	w.Helper()
	if err := theLab.S3.ForgetRequests(w.Context()); err != nil {
		w.Fatal(err)
	}
	w.must(args...)
	requests, err := theLab.S3.Requests(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	n := map[string]int{}
	for _, r := range requests {
		if strings.Contains(r.Query, "list-type=2") {
			n["LIST"]++
		} else {
			n[r.Method]++
		}
	}
	return n
}

func (w *world) objects() map[string]lab.Object {
	w.Helper()
	all, err := theLab.S3.Objects(w.Context(), theBucket)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// The flow puts the hashed assets of the image into the bucket, with their
// headers; maps and manifests stay in the image. Again it writes nothing, and a
// commit that changes no asset costs no listing.
func TestFlowSyncsHashedAssets(t *testing.T) {
	w := withAssets(t, "")
	first := w.asked("lab")
	if first["LIST"] != 1 || first["HEAD"] != 0 {
		t.Errorf("first: %v", first)
	}
	scripts := 0
	for key, o := range w.objects() {
		switch {
		case strings.HasPrefix(key, ".hwdeploy/"):
		case strings.HasSuffix(key, ".js"):
			scripts++
			if o.Type != "text/javascript; charset=utf-8" || o.Cache != "public, max-age=31536000, immutable" || len(o.Data) == 0 {
				t.Errorf("%s: %s, %s, %d bytes", key, o.Type, o.Cache, len(o.Data))
			}
		case !strings.HasSuffix(key, ".css"):
			t.Errorf("%s is in the bucket", key)
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts in the bucket", scripts)
	}
	if again := w.asked("lab"); again["PUT"] != 0 || again["LIST"] != 0 || again["GET"] != 1 {
		t.Errorf("again: %v", again)
	}
	w.commit("no asset changed")
	if code := w.asked("lab"); code["PUT"] != 1 || code["LIST"] != 0 {
		t.Errorf("another commit: %v", code)
	}
	if out := w.on("lab-1", "docker ps -aq --filter label=hwdeploy.assets"); out != "" {
		t.Errorf("containers are left: %s", out)
	}

	before := len(w.objects())
	if err := w.project.Write("app/assets/application.js", "console.log('new')\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("a new script")
	if n := w.asked("lab"); n["LIST"] != 1 || n["PUT"] != 3 { // the script and two manifests
		t.Errorf("a new script: %v", n)
	}
	if after := len(w.objects()); after != before+3 {
		t.Errorf("%d objects before, %d after: the old script must stay", before, after)
	}
}

// The commands work by hand on any version that the primary host has.
func TestAssetsCommands(t *testing.T) {
	w := withAssets(t, "")
	v1 := w.revision()
	w.must("deploy", "-d", "lab") // Kamal's bare deploy leaves the bucket alone
	if n := len(w.objects()); n != 0 {
		t.Fatalf("%d objects after the bare deploy", n)
	}
	o := w.hwdeploy("assets", "verify", "-d", "lab")
	if o.code != 1 {
		t.Errorf("verify: exit %d", o.code)
	}
	w.contains(o, "missing packs/application-", "assets sync --full")
	w.contains(w.must("assets", "sync", "-d", "lab", "--version", v1), "2 of 2 files sent")
	w.contains(w.must("assets", "verify", "-d", "lab", "--json"), `"missing":[]`)
	w.contains(w.must("assets", "list", "-d", "lab"), "packs/application-", "text/css")
	w.contains(w.must("assets", "list", "-d", "lab", "--json"), `"hashed":true`)

	o = w.hwdeploy("assets", "sync", "-d", "lab", "--version", "0000000")
	if o.code != 1 {
		t.Errorf("an unknown version: exit %d", o.code)
	}
	w.contains(o, "does not have the image", "app versions")

	if err := w.project.Write("dist/app-0123456789abcdef.js", "1"); err != nil {
		t.Fatal(err)
	}
	w.contains(w.must("assets", "sync", "--from", "dist", "-d", "lab"), "1 of 1 files sent")
	if w.objects()["packs/app-0123456789abcdef.js"].Cache == "" {
		t.Error("the folder's file is not in the bucket")
	}
}

// A bucket that fails stops production before anything is touched; with
// on_failure: warn, as staging has it, the deploy goes on.
func TestAFailingBucketAbortsOrWarns(t *testing.T) {
	w := withAssets(t, "")
	v1 := w.revision()
	w.must("lab")
	w.commit("second")
	fail := func(status int) {
		if err := theLab.S3.SetFaults(t.Context(), s3d.Faults{Status: status}); err != nil {
			t.Fatal(err)
		}
	}
	fail(403)
	o := w.hwdeploy("lab")
	w.untouched(v1, o, 4, "AccessDenied", "bucket "+theBucket, "now: lab-1: web serves "+v1)
	if strings.Contains(o.out, theLab.S3.Account.Secret) || strings.Contains(o.out, theLab.S3.Account.Key) {
		t.Error("a credential was printed")
	}

	if err := w.project.Write("config/deploy.lab.yml", "x-hwdeploy: {assets: {on_failure: warn}}\n"); err != nil {
		t.Fatal(err)
	}
	v3 := w.commit("only a warning")
	o = w.must("lab")
	w.contains(o, "warning: the assets are not in the bucket", "AccessDenied")
	w.wantServes(v3, "lab-1", "lab-2")
	w.wantUnlocked()

	remove(w, ".kamal/secrets-common") // a missing key is found before the build
	w.commit("without a key")
	o = w.hwdeploy("lab")
	w.untouched(v3, o, 3, "R2_ACCESS_KEY_ID")
	if strings.Contains(o.out, "build and push") || strings.Contains(o.out, "here         build") {
		t.Errorf("it was built:\n%s", o.out)
	}
}

// when: after-swap is the guidebook's own order; a failure then leaves the new
// version serving, exits 1 and says so.
func TestAssetsAfterTheSwap(t *testing.T) {
	w := withAssets(t, "    when: after-swap\n")
	o := w.must("lab")
	lines := strings.Split(o.out, "\n")
	at := func(step string) int {
		last := -1
		for i, l := range lines {
			if f := strings.Fields(l); len(f) > 1 && f[1] == step {
				last = i
			}
		}
		return last
	}
	if at("assets") < 0 || at("assets") < at("web/switch") {
		t.Errorf("not after the swap:\n%s", o.out)
	}
	v2 := w.commit("second")
	if err := theLab.S3.SetFaults(t.Context(), s3d.Faults{Status: 403}); err != nil {
		t.Fatal(err)
	}
	o = w.hwdeploy("lab")
	w.untouched(v2, o, 1, "AccessDenied", v2+" is live")
}

// Only names and missing bytes cross the link to the host, whatever the names
// are made of.
func TestOnlyMissingBytesCrossTheLink(t *testing.T) {
	relays, err := theLab.Relays(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer relays.Close()
	o := twoHosts()
	o.SSHPort, o.SSHConfig, o.KnownHosts = relays.Port, relays.SSHConfig, relays.KnownHosts
	w := withBucket(t, o, "")
	const mb = 1 << 20
	files := map[string]string{}
	for i := range 4 {
		files[fmt.Sprintf("vendor%d.js", i)] = noise(mb, uint64(i))
	}
	w.shipAssets("v1", files)
	crossed := func(version, want string) int64 {
		relays.Reset()
		w.contains(w.must("assets", "sync", "-d", "lab", "--version", version), want)
		return relays.Stats().Down
	}
	if n := crossed("v1", "4 of 4 files sent"); n < 4*mb {
		t.Errorf("the first copy took only %d bytes", n)
	}
	odd := "b\u00fcro \\ \"draft\" 100%.js"
	files[odd] = "odd"
	files["-dash.js"] = "dash"
	files["zz.js"] = noise(64<<10, 9) // the last of the archive: all the others come before it
	w.shipAssets("v2", files)
	if n := crossed("v2", "3 of 7 files sent"); n > mb/2 {
		t.Errorf("%d bytes crossed the link for 64 kB", n)
	}
	if o := w.objects()["packs/"+packs.Name(odd, []byte("odd"))]; string(o.Data) != "odd" {
		t.Errorf("the oddly named file is %q", o.Data)
	}
	if n := crossed("v2", "as an earlier release"); n > mb/8 {
		t.Errorf("%d bytes crossed the link for nothing", n)
	}
}

// shipAssets puts an image with these assets on the primary host.
func (w *world) shipAssets(version string, files map[string]string) {
	w.Helper()
	if _, err := theLab.PushApp(w.Context(), "demo/shop:"+version, lab.AppImage{Version: version, Service: "shop", Assets: files}); err != nil {
		w.Fatal(err)
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--version", version)
}

// noise is text that no compression makes smaller, the same for the same seed.
func noise(n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, seed))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}
