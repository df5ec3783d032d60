package e2e

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// The budget of a warm deploy of two roles, on one host and on three: 8 round
// trips to log in and 12 after. The way to the hosts is long, so that what the
// relays count are waits: see package relay. What the hosts take to think can only
// add to the count, so the least of three tries is the program's.
//
// proves: deploy --skip-push
func TestRoundTrips(t *testing.T) {
	for _, hosts := range [][]string{{"lab-1"}, {"lab-1", "lab-2", "lab-3"}} {
		t.Run(fmt.Sprint(len(hosts)), func(t *testing.T) {
			relays := farAway(t)
			w := begin(t, lab.ProjectOptions{
				Roles:   []lab.Role{{Name: "web", Hosts: hosts}, {Name: "sidekiq", Hosts: hosts, Cmd: "bundle exec sidekiq"}},
				SSHPort: relays.Port, SSHConfig: relays.SSHConfig, KnownHosts: relays.KnownHosts,
				Overlay: "asset_path: \"\"\nx-hwdeploy: {quiet: false}\n",
			})
			for _, v := range []string{"a", "b"} {
				if _, err := theLab.PushApp(t.Context(), "demo/shop:"+v, lab.AppImage{Version: v, Service: "shop"}); err != nil {
					t.Fatal(err)
				}
				w.must("deploy", "-d", "lab", "--skip-push", "--version", v)
			}
			relays.SetLatency(time.Second)
			least := w.fewestTrips(relays, 8+12, "a", "b", "a")
			if least > 8+12 {
				t.Errorf("%d round trips, want at most 20", least)
			}
		})
	}
}

// fewestTrips deploys these versions until one takes no more than enough round
// trips, and gives the least that one took.
func (w *world) fewestTrips(relays *lab.Relays, enough int, versions ...string) int {
	w.Helper()
	least := math.MaxInt
	for _, v := range versions {
		relays.Reset()
		w.must("deploy", "-d", "lab", "--skip-push", "--version", v)
		if least = min(least, relays.Stats().RoundTrips); least <= enough {
			break
		}
	}
	return least
}

// farAway puts a relay before every host.
func farAway(t *testing.T) *lab.Relays {
	t.Helper()
	relays, err := theLab.Relays(t.Context(), filepath.Join(t.TempDir(), "relays"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(relays.Close)
	return relays
}
