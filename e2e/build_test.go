package e2e

import (
	"path/filepath"
	"testing"

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

// --no-cache reaches the builder from both entry points: a step whose result
// differs each time runs again, and only then.
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
	w.must("lab", "--no-cache")
	flow := w.digest(image)
	w.must("deploy", "-d", "lab", "--no-cache")
	if bare := w.digest(image); flow == first || bare == flow || bare == first {
		t.Errorf("--no-cache used the cache: %s, flow %s, deploy %s", first, flow, bare)
	}
}
