package e2e

import (
	"strings"
	"testing"
)

// Who may use the builder's engine may build, also without the right to open our
// daemon's socket, and where sshd forwards no sockets.
func TestABuilderWhoseSocketIsOutOfReach(t *testing.T) {
	o := withBuilder("")
	o.Overlay = strings.ReplaceAll(o.Overlay, "root@", "deploy@")
	w := beginBuild(t, o)
	w.contains(w.must("build", "push", "-d", "lab"), "builder: hwdeploy-buildkit on lab-3", "blobs, the registry had the rest")
	if err := theLab.Host("lab-3").SetSSHD(t.Context(), "AllowStreamLocalForwarding no\nAllowTcpForwarding no"); err != nil {
		t.Fatal(err)
	}
	w.commit("again")
	w.contains(w.must("build", "push", "-d", "lab"), "blobs, the registry had the rest")
}

// Several platforms on one builder are one image, with provenance where asked
// for; each host takes its own.
func TestSeveralPlatformsAreOneImage(t *testing.T) {
	for _, push := range []string{"here", "builder"} {
		o := withBuilder("  push: " + push + "\n")
		o.Overlay = "builder: {driver: docker-container, remote: ssh://root@lab-3, local: false, arch: [amd64, arm64], provenance: mode=max}\n"
		w := beginBuild(t, o)
		v := w.revision()
		w.must("build", "deliver", "-d", "lab")
		name := theLab.Registry.Addr + "/demo/shop:" + v
		if got := w.on("lab-1", "docker image inspect --format '{{.Architecture}} {{.Config.Labels.service}}' "+name); got != arch()+" shop" {
			t.Errorf("%s: lab-1 has an image for %s", push, got)
		}
		requests, err := theLab.Registry.Requests(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		put := map[string]bool{}
		for _, r := range requests {
			if r.Method == "PUT" && strings.Contains(r.Path, "/manifests/sha256:") {
				put[r.Path] = true
			}
		}
		if len(put) != 5 { // two images, an attestation for each, the index
			t.Errorf("%s: %d manifests", push, len(put))
		}
	}
}

// A cache in the registry outlives the builder.
func TestACacheInTheRegistry(t *testing.T) {
	o := withBuilder("")
	o.Overlay = "builder: {driver: docker-container, remote: ssh://root@lab-3, cache: {type: registry, options: mode=max}, args: {GIT_REVISION: x}}\n"
	w := beginBuild(t, o)
	w.must("build", "push", "-d", "lab")
	if w.digest("demo/shop-build-cache:latest") == "" {
		t.Error("the registry has no cache")
	}
	w.must("build", "remove", "-d", "lab")
	again := w.must("build", "push", "-d", "lab", "--build")
	w.contains(again, "importing cache manifest")
	if strings.Contains(again.out, "assets compiled") {
		t.Errorf("the step ran again:\n%s", again.out)
	}
}
