package e2e

import (
	"slices"
	"strings"
	"testing"
)

// Prune takes what is old, and neither what a rollback would want nor what is
// another destination's.
//
// proves: prune all, prune containers --retain, prune images, audit
func TestPrune(t *testing.T) {
	w := fleet(t)
	for _, v := range []string{"v2", "v3"} {
		w.ship(v)
	}
	image := theLab.Registry.Addr + "/demo/shop:"
	w.on("lab-2", "docker tag "+image+"v1 "+image+"latest-stage && docker run -d --name shop-web-stage-v1 --label service=shop --label role=web --label destination=stage "+image+"v1 && docker stop -t 0 shop-web-stage-v1")
	w.wantCode(w.hwdeploy("prune", "containers", "--retain", "0", "-d", "lab"), 2, "retain must be at least 1")
	w.must("prune", "containers", "--retain", "1", "-d", "lab")
	w.wantContainers("lab-1", "shop-web-lab-v2", "shop-web-lab-v3")
	w.wantContainers("lab-2", "shop-sidekiq-lab-v2", "shop-sidekiq-lab-v3", "shop-web-lab-v2", "shop-web-lab-v3", "shop-web-stage-v1")
	if got := w.tags("lab-1"); !slices.Equal(got, []string{"latest-lab", "v1", "v2", "v3"}) {
		t.Errorf("lab-1: prune containers touched images: %q", got)
	}
	w.must("prune", "images", "-d", "lab")
	if got := w.tags("lab-1"); !slices.Equal(got, []string{"latest-lab", "v2", "v3"}) {
		t.Errorf("lab-1 keeps the tags %q", got)
	}
	if got := w.tags("lab-2"); !slices.Equal(got, []string{"latest-lab", "latest-stage", "v1", "v2", "v3"}) {
		t.Errorf("lab-2 keeps the tags %q", got)
	}
	w.must("prune", "all", "-d", "lab", "-r", "web")
	w.must("rollback", "-d", "lab") // without a word: the version before
	w.wantServes("v2", "lab-1", "lab-2")
	w.wantUnlocked()

	// The audit logs of all hosts are one.
	o := w.must("audit", "-d", "lab")
	w.contains(o, "lab-1 [", "lab-3 [", "Pruned containers", "Pruned images", "[lab] [web] Booted app version v3")
	var times []string
	for line := range strings.Lines(o.out) {
		_, at, _ := strings.Cut(line, "[")
		at, _, _ = strings.Cut(at, "]")
		times = append(times, at)
	}
	if !slices.IsSorted(times) {
		t.Errorf("not in order:\n%s", o.out)
	}
	type entry struct{ Host, Time, Performer, Destination, Role, Message string }
	all := data[[]entry](w, "audit", "--hosts", "lab-2", "-n", "200")
	if !slices.ContainsFunc(all, func(e entry) bool {
		return e.Host == "lab-2" && e.Destination == "lab" && e.Role == "sidekiq" && e.Message == "Booted app version v2" && e.Performer != "" && e.Time != ""
	}) {
		t.Errorf("audit as data: %+v", all)
	}
}

func (w *world) tags(host string) []string {
	w.Helper()
	tags := strings.Fields(w.on(host, "docker image ls --format '{{.Tag}}' "+theLab.Registry.Addr+"/demo/shop"))
	slices.Sort(tags)
	return tags
}

func (w *world) wantContainers(host string, names ...string) {
	w.Helper()
	got := strings.Fields(w.on(host, "docker ps -a --format '{{.Names}}' --filter label=service=shop"))
	slices.Sort(got)
	if !slices.Equal(got, names) {
		w.Errorf("%s has %q, wanted %q", host, got, names)
	}
}
