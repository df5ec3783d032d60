package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// A warm deploy of two roles needs at most 8 round trips to log in and 12 after,
// with one host as with three.
func TestRoundTripsOfAWarmDeploy(t *testing.T) {
	for _, hosts := range [][]string{{"lab-1"}, {"lab-1", "lab-2", "lab-3"}} {
		trips, login := measure(t, hosts)
		t.Logf("%d host(s): %d round trips, of which %d to log in", len(hosts), trips, login)
		if login > 8 || trips-login > 12 {
			t.Errorf("%d host(s): %d to log in + %d after, at most 8 + 12", len(hosts), login, trips-login)
		}
	}
}

// measure counts by relays with latency, which makes chains of cause and effect
// visible: a deploy, and a command that only logs in and asks one question.
func measure(t *testing.T, hosts []string) (deploy, login int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "relays")
	relays, err := theLab.Relays(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer relays.Close()
	w := begin(t, lab.ProjectOptions{
		Roles:   []lab.Role{{Name: "web", Hosts: hosts}, {Name: "sidekiq", Hosts: hosts, Cmd: "bundle exec sidekiq"}},
		SSHPort: relays.Port, SSHConfig: relays.SSHConfig, KnownHosts: relays.KnownHosts,
		Overlay: "asset_path: \"\"\n",
	})
	for _, v := range []string{"a", "b"} {
		pushed(w, v)
	}
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "a")
	w.must("deploy", "-d", "lab", "--skip-push", "--version", "b")
	pushed(w, "c")
	relays.SetLatency(25 * time.Millisecond)
	defer relays.SetLatency(0)
	relays.Reset()
	o := w.must("deploy", "-d", "lab", "--skip-push", "--version", "c")
	t.Logf("took %.1f s\n%s", o.took.Seconds(), o.out)
	deploy = int(relays.Stats().RoundTrips)
	relays.Reset()
	w.must("lock", "status", "-d", "lab")
	return deploy, int(relays.Stats().RoundTrips) - 1
}
