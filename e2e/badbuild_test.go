package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/registryd"
)

// images is all that the registry's repository names.
func (w *world) images() string {
	w.Helper()
	tags, err := theLab.Registry.Tags(w.Context(), "demo/shop")
	if err != nil {
		return "" // no such repository yet
	}
	slices.Sort(tags)
	all := ""
	for _, t := range tags {
		all += t + " " + w.digest("demo/shop:"+t) + "\n"
	}
	return all
}

// broken is one bad input of a build: it runs `build deliver`, which must fail
// with the code and the texts and leave the registry's names and the app host as
// they were. After repair the next run goes through.
func (w *world) broken(code int, repair func(), texts ...string) {
	w.Helper()
	images, host := w.images(), w.hostState()
	o := w.hwdeploy("build", "deliver", "-d", "lab")
	if o.code != code {
		w.Errorf("exit %d, wanted %d\n%s", o.code, code, o.out)
	}
	w.contains(o, texts...)
	if after := w.images(); after != images {
		w.Errorf("the registry changed:\n%s\nto\n%s", images, after)
	}
	if after := w.hostState(); after != host {
		w.Errorf("the host changed:\n%s\nto\n%s", host, after)
	}
	if w.Failed() {
		return
	}
	repair()
	w.must("build", "deliver", "-d", "lab")
	v := w.revision()
	if w.digest("demo/shop:"+v) == "" || w.on("lab-1", "docker image inspect --format '{{.Id}}' "+theLab.Registry.Addr+"/demo/shop:"+v) == "" {
		w.Error("the next run did not deliver the image")
	}
}

// arch is that of this machine and its labs.
func arch() string { return runtime.GOARCH }

func (w *world) hostState() string {
	w.Helper()
	text, err := theLab.Host("lab-1").Fingerprint(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return text
}

func TestADockerfileThatIsMissing(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	text := w.read("Dockerfile")
	if err := os.Remove(filepath.Join(w.dir, "Dockerfile")); err != nil {
		t.Fatal(err)
	}
	w.commit("no Dockerfile")
	w.broken(3, func() { w.write("Dockerfile", text); w.commit("a Dockerfile") }, "config/deploy.lab.yml:1:1: builder/dockerfile: Missing Dockerfile")
}

func TestADockerfileThatIsBroken(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	text := w.read("Dockerfile")
	w.write("Dockerfile", text+"COPPY x y\n")
	w.commit("broken Dockerfile")
	line := strings.Count(text, "\n") + 1
	w.broken(1, func() { w.write("Dockerfile", text); w.commit("whole Dockerfile") }, fmt.Sprintf("Dockerfile:%d: ", line), "COPPY", "nothing was pushed")
}

func TestAStepThatFailsShowsAllOfItsOutput(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	text := w.read("Dockerfile")
	w.write("Dockerfile", text+"RUN for i in $(seq 1 300); do echo line $i; done; echo the reason >&2; exit 7\n")
	w.commit("a step that fails")
	var all []string
	for i := range 300 {
		all = append(all, fmt.Sprintf("  line %d\n", i+1))
	}
	w.broken(1, func() { w.write("Dockerfile", text); w.commit("no such step") }, append(all, "the reason", "exit code 7", "nothing was pushed")...)
}

// A file in the context that may not be read, met as a user without root's
// rights over files.
func TestAFileThatMayNotBeRead(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	w.prefix = []string{"setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"}
	file := filepath.Join(w.dir, "app", "message.txt")
	if err := os.Chown(file, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	w.broken(1, func() {
		if err := os.Chown(file, os.Getuid(), os.Getgid()); err != nil {
			t.Fatal(err)
		}
	}, "app/message.txt", "permission denied", "no container was touched")
}

// An image for other machines than the hosts is not pulled.
func TestAnImageForAnotherArchitecture(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	w.write("config/deploy.lab.yml", withBuilder("").Overlay+"# another one\n")
	w.commit("as before")
	w.must("build", "push", "-d", "lab")
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[arch()]
	w.write("config/deploy.lab.yml", "builder: {driver: docker-container, remote: ssh://root@lab-3, local: false, arch: "+other+"}\n")
	v := w.commit("another architecture")
	host := w.hostState()
	o := w.hwdeploy("build", "deliver", "-d", "lab")
	if o.code != 1 || w.hostState() != host {
		t.Errorf("exit %d, host changed: %t\n%s", o.code, w.hostState() != host, o.out)
	}
	w.contains(o, "demo/shop:"+v+" is for linux/"+other+", but lab-1 is linux/"+arch(), "set builder/arch to "+arch())
	w.write("config/deploy.lab.yml", withBuilder("").Overlay)
	w.commit("the right one")
	w.must("build", "deliver", "-d", "lab")
}

// A builder whose disk is full says so and keeps nothing of the image; once there
// is room the build goes through.
func TestABuilderWithAFullDisk(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	w.on("lab-3", "docker volume create --driver local --opt type=tmpfs --opt device=tmpfs --opt o=size=48m hwdeploy-buildkit")
	text := w.read("Dockerfile")
	w.write("Dockerfile", text+"RUN dd if=/dev/zero of=/rails/large bs=1M count=60\n")
	w.commit("a large file")
	w.broken(1, func() { w.contains(w.must("build", "remove", "-d", "lab"), "removed hwdeploy-buildkit on lab-3") },
		"No space left on device", "the builder's disk is full", "build remove")
}

func TestABuilderThatIsKilledMidBuild(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	text := w.read("Dockerfile")
	w.write("Dockerfile", text+"RUN echo waiting && sleep 120\n")
	w.commit("a slow step")
	images, host := w.images(), w.hostState()
	p := w.start("build", "deliver", "-d", "lab")
	w.eventually(time.Minute, "the step runs", func() bool { return strings.Contains(p.out.String(), "  waiting") })
	w.on("lab-3", "docker kill hwdeploy-buildkit")
	o := p.wait()
	if o.code != 4 || w.images() != images || w.hostState() != host {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "no connection to the builder on lab-3", "no container was touched")
	w.write("Dockerfile", text)
	w.commit("no slow step")
	w.must("build", "deliver", "-d", "lab")
}

// What a registry may answer to a push: what passes is waited for, the rest is
// one clear line.
func TestWhatARegistryAnswersToAPush(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	set := func(f registryd.Faults) {
		t.Helper()
		if err := theLab.Registry.SetFaults(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	images, host := w.images(), w.hostState()
	for _, tc := range []struct {
		status, code int
		texts        []string
	}{
		{401, 4, []string{"user lab", "UNAUTHORIZED"}},
		{403, 4, []string{"refuses user lab", "DENIED"}},
		{404, 1, []string{"NAME_UNKNOWN", "404"}},
		{429, 4, []string{"TOOMANYREQUESTS", "429"}},
		{500, 4, []string{"500"}},
	} {
		set(registryd.Faults{RefusePush: tc.status})
		o := w.hwdeploy("build", "deliver", "-d", "lab")
		if o.code != tc.code || w.images() != images || w.hostState() != host {
			t.Errorf("%d: exit %d, wanted %d\n%s", tc.status, o.code, tc.code, o.out)
		}
		w.contains(o, append(tc.texts, theLab.Registry.Addr)...)
	}
	set(registryd.Faults{RefusePush: 429, Times: 2})
	w.must("build", "deliver", "-d", "lab")
	set(registryd.Faults{RefusePush: 503, Times: 1})
	w.commit("next")
	w.must("build", "deliver", "-d", "lab")
}

// The registry's connection is cut in the middle of a blob: once is repaired in
// the same run, always ends it.
func TestARegistryThatCutsUploads(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	if err := theLab.Registry.SetFaults(t.Context(), registryd.Faults{CutAfter: 100_000}); err != nil {
		t.Fatal(err)
	}
	w.broken(4, func() {
		if err := theLab.Registry.SetFaults(t.Context(), registryd.Faults{CutAfter: 100_000, Cuts: 1}); err != nil {
			t.Fatal(err)
		}
	}, theLab.Registry.Addr)
}

// Our own link is cut in the middle of a blob; the next run moves what is missing.
func TestALinkThatIsCutMidBlob(t *testing.T) {
	relays, err := theLab.Relays(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer relays.Close()
	o := withBuilder("")
	o.SSHPort, o.SSHConfig, o.KnownHosts = relays.Port, relays.SSHConfig, relays.KnownHosts
	w := beginBuild(t, o)
	if err := appendFile(filepath.Join(w.dir, "Dockerfile"), "\nRUN head -c 30000000 /dev/urandom > /rails/large\n"); err != nil {
		t.Fatal(err)
	}
	w.commit("something to move")
	images, host := w.images(), w.hostState()
	relays.SetBandwidth(4_000_000)
	relay := relays.ByHost["lab-3"]
	p := w.start("build", "deliver", "-d", "lab")
	w.eventually(2*time.Minute, "a blob is under way", func() bool { return relay.Stats().Down > 8_000_000 })
	relay.Cut()
	got := p.wait()
	if got.code != 4 || w.images() != images || w.hostState() != host {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
	w.contains(got, "lab-3")
	relays.SetBandwidth(0)
	w.must("build", "deliver", "-d", "lab")
}

// A blob that is not what its digest says is taken by no host.
func TestABlobThatIsWrong(t *testing.T) {
	w := beginBuild(t, withBuilder(""))
	w.must("build", "push", "-d", "lab")
	if err := theLab.Registry.SetFaults(t.Context(), registryd.Faults{Corrupt: true}); err != nil {
		t.Fatal(err)
	}
	w.broken(1, func() {
		if err := theLab.Registry.SetFaults(t.Context(), registryd.Faults{}); err != nil {
			t.Fatal(err)
		}
	}, "verification failed", "no container was touched")
}

// An image that nobody labelled is pulled by no command.
func TestAnImageWithoutALabelIsNotPulled(t *testing.T) {
	w := begin(t, oneHost())
	if _, err := theLab.PushApp(t.Context(), "demo/shop:nolabel", lab.AppImage{Version: "nolabel"}); err != nil {
		t.Fatal(err)
	}
	host := w.hostState()
	o := w.hwdeploy("build", "pull", "-d", "lab", "--version", "nolabel")
	if o.code != 1 || w.hostState() != host {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	w.contains(o, "missing the 'service' label", "--label service=shop")
}
