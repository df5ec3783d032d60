package e2e

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// oneHost is web on one host, without workers and without a migrate: for
// scenarios about the image.
func oneHost() lab.ProjectOptions {
	return lab.ProjectOptions{
		Roles:     []lab.Role{{Name: "web", Hosts: []string{"lab-1"}}},
		Extension: "  known_hosts: config/known_hosts\n  insecure_registry: true\n",
	}
}

// --no-cache reaches the builder from every command that builds: a step whose
// result differs each time runs again, and only then.
//
// proves: deploy --no-cache, redeploy --no-cache, build push --no-cache, setup --no-cache
func TestNoCacheReachesTheBuilder(t *testing.T) {
	w := begin(t, oneHost())
	if err := appendFile(filepath.Join(w.dir, "Dockerfile"), "\nRUN cat /proc/sys/kernel/random/uuid > /rails/uuid\n"); err != nil {
		t.Fatal(err)
	}
	image := "demo/shop:" + w.commit("a step that is never the same")
	w.must("lab")
	first := w.digest(image)
	w.must("lab")
	if again := w.digest(image); again != first {
		t.Errorf("with the cache the image became another: %s, then %s", first, again)
	}
	seen := map[string]string{first: "the first build"}
	for _, command := range []string{"lab", "redeploy -d lab", "build push -d lab", "deploy -d lab", "setup -d lab"} {
		w.must(append(strings.Fields(command), "--no-cache")...)
		d := w.digest(image)
		if before, ok := seen[d]; ok {
			t.Errorf("%s --no-cache used the cache: it is the image of %s", command, before)
		}
		seen[d] = command
	}
}

// withBuilder is oneHost with buildx's kind of builder on lab-3.
func withBuilder(extension string) lab.ProjectOptions {
	o := oneHost()
	o.Overlay = "builder: {driver: docker-container, remote: ssh://root@lab-3}\n"
	o.Extension += extension
	return o
}

// beginBuild is begin with the builder's image on lab-3.
func beginBuild(t *testing.T, o lab.ProjectOptions) *world {
	t.Helper()
	w := begin(t, o)
	if err := theLab.Host("lab-3").LoadBuildKit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// The default driver makes a builder of its own, whose image serves; the same
// destination again is no build, no push and no pull.
func TestABuilderOfOurOwn(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	v := w.revision()
	o := w.must("lab")
	w.contains(o, "builder: hwdeploy-buildkit on lab-3", "push: ")
	w.wantServes(v, "lab-1")
	if names := w.on("lab-3", "docker ps --format '{{.Names}}'"); names != "hwdeploy-buildkit" {
		t.Errorf("lab-3 runs %q", names)
	}
	digest := w.digest("demo/shop:" + v)
	if latest := w.digest("demo/shop:latest-lab"); latest != digest {
		t.Errorf("latest is %s, the version %s", latest, digest)
	}
	if err := theLab.Registry.ForgetRequests(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := w.must("lab")
	w.contains(again, "the registry has it", "already there")
	w.quietRegistry()

}

// quietRegistry checks that nothing was pushed or pulled but a trial upload.
func (w *world) quietRegistry() {
	w.Helper()
	requests, err := theLab.Registry.Requests(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, r := range requests {
		if r.Method == "PUT" || r.Method == "PATCH" || r.Method == "GET" && strings.Contains(r.Path, "/blobs/") && !strings.HasPrefix(r.From, theLab.Subnet[:strings.LastIndex(theLab.Subnet, ".")]+".1:") {
			w.Errorf("%s %s from %s", r.Method, r.Path, r.From)
		}
	}
}

// The builder that buildx left for this remote is used when it runs: its cache is
// warm.
func TestBuildxsOwnBuilderIsUsed(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	if err := theLab.Host("lab-3").StartBuildx(t.Context(), "kamal-remote-ssh---root-lab-3"); err != nil {
		t.Fatal(err)
	}
	v := w.revision()
	w.contains(w.must("lab"), "builder: buildx's container buildx_buildkit_kamal-remote-ssh---root-lab-30 on lab-3")
	w.wantServes(v, "lab-1")
	if names := w.on("lab-3", "docker ps -a --format '{{.Names}}'"); strings.Contains(names, "hwdeploy-buildkit") {
		t.Errorf("a builder of our own was made: %s", names)
	}
}

// An engine that can't get the builder's image builds by itself, and says so.
func TestWithoutTheBuildersImageTheEngineBuilds(t *testing.T) {
	w := begin(t, withBuilder("  builder_image: "+theLab.Registry.Addr+"/none/buildkit:1\n"))
	v := w.revision()
	w.contains(w.must("lab"), "the one inside the engine on lab-3", "none/buildkit:1", "builder_image")
	w.wantServes(v, "lab-1")
}

// What is pushed from here, what BuildKit pushes itself, and what it pushes
// because it is too much for this link, is the same to the digest.
//
// proves: build push
func TestEveryWayOfPushingGivesOneDigest(t *testing.T) {
	overlay := func(push string) string {
		return "builder: {driver: docker-container, remote: ssh://root@lab-3, args: {GIT_REVISION: one}}\nx-hwdeploy: {push: " + push + "}\n"
	}
	o := withBuilder("")
	o.Overlay = overlay("here")
	w := beginBuild(t, o)
	push := []string{"build", "push", "-d", "lab", "--version", "one"}
	w.contains(w.must(push...), "blobs, the registry had the rest")
	here := w.digest("demo/shop:one")

	if err := theLab.Registry.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.write("config/deploy.lab.yml", overlay("builder"))
	w.commit("the builder pushes")
	if o := w.must(push...); strings.Contains(o.out, "push: ") {
		t.Errorf("pushed from here:\n%s", o.out)
	}
	if builder := w.digest("demo/shop:one"); builder != here || here == "" {
		t.Errorf("pushed from here %s, by the builder %s", here, builder)
	}

	w.write("config/deploy.lab.yml", overlay("auto"))
	if err := appendFile(filepath.Join(w.dir, "Dockerfile"), "\nRUN head -c 70000000 /dev/urandom > /rails/large\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("larger than this link should carry")
	w.contains(w.must(push...), "push: by the builder, since 70")
	if large := w.digest("demo/shop:one"); large == here || large != w.digest("demo/shop:latest-lab") {
		t.Errorf("%s is the version, %s latest", large, w.digest("demo/shop:latest-lab"))
	}
}

// A secret of the build gets to its step and nowhere else: layers, history,
// labels, processes of the builder's machine, log and transcript. Both drivers.
func TestBuildSecretsLeaveNoTrace(t *testing.T) {
	const token = "tok-4f1b$x\"y z"
	for _, driver := range []string{"docker", "docker-container"} {
		t.Run(driver, func(t *testing.T) {
			o := withBuilder("")
			o.Overlay = "builder: {driver: " + driver + ", remote: ssh://root@lab-3, secrets: [BUILD_TOKEN]}\n"
			o.Secrets = map[string]string{"BUILD_TOKEN": "'" + token + "'"}
			w := beginBuild(t, o)
			step := "\nRUN --mount=type=secret,id=BUILD_TOKEN test \"$(md5sum < /run/secrets/BUILD_TOKEN)\" = \"$(printf '%s' 'tok-4f1b$x\"y z' | md5sum)\" && cat /run/secrets/BUILD_TOKEN && sleep 2 && touch /rails/done\n"
			step = strings.ReplaceAll(step, "$(printf '%s' 'tok-4f1b$x\"y z' | md5sum)", md5of(token)+"  -")
			if err := appendFile(filepath.Join(w.dir, "Dockerfile"), step); err != nil {
				t.Fatal(err)
			}
			v := w.commit("a secret")
			p := w.start("build", "push", "-d", "lab")
			w.eventually(2*time.Minute, "the step sleeps", func() bool { return w.on("lab-3", "pgrep -x sleep || true") != "" })
			if args := w.on("lab-3", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' || true"); strings.Contains(args, token) {
				t.Error("the secret stands in a process's arguments or environment")
			}
			got := p.wait()
			if got.code != 0 || strings.Contains(got.out, token) {
				t.Errorf("exit %d, the log holds the secret: %t\n%s", got.code, strings.Contains(got.out, token), got.out)
			}
			w.noTrace("demo/shop:"+v, token)
		})
	}
}

func md5of(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) } //nolint:gosec // a comparison in a test

// noTrace looks for a text in everything an image is made of.
func (w *world) noTrace(image, text string) {
	w.Helper()
	img, err := theLab.Registry.Image(w.Context(), image)
	if err != nil {
		w.Fatal(err)
	}
	manifest, err := img.RawManifest()
	if err != nil {
		w.Fatal(err)
	}
	config, err := img.RawConfigFile()
	if err != nil {
		w.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) < 3 {
		w.Fatal(len(layers), err)
	}
	parts := [][]byte{manifest, config}
	for _, l := range layers {
		r, err := l.Uncompressed()
		if err != nil {
			w.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			w.Fatal(err)
		}
		parts = append(parts, data)
	}
	for i, p := range parts {
		if bytes.Contains(p, []byte(text)) {
			w.Errorf("part %d of the image holds the secret", i)
		}
	}
}

// One revision for two destinations with other arguments is two images.
func TestDestinationsWithOtherArgumentsAreBuiltEach(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	w.write("config/deploy.other.yml", "builder: {remote: ssh://root@lab-3, driver: docker-container, args: {GIT_REVISION: other}}\n")
	w.write(".kamal/secrets.other", w.read(".kamal/secrets.lab"))
	image := "demo/shop:" + w.commit("two destinations")
	w.must("build", "push", "-d", "lab")
	one := w.digest(image)
	w.must("build", "push", "-d", "other")
	two := w.digest(image)
	if one == two || w.digest("demo/shop:latest-lab") != one || w.digest("demo/shop:latest-other") != two {
		t.Errorf("lab %s, other %s", one, two)
	}
	w.contains(w.must("build", "push", "-d", "other"), "the registry has it")
	w.contains(w.must("build", "push", "-d", "lab"), "load build context")
}
