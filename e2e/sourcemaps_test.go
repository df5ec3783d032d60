package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
	"github.com/warmlyyours/hwdeploy/lab/appsignal"
)

// extended is twoHosts with more below x-hwdeploy.
func extended(more string) lab.ProjectOptions {
	o := twoHosts()
	o.Extension = "  known_hosts: config/known_hosts\n  insecure_registry: true\n" +
		"  migrate: {role: sidekiq, cmd: bin/rails db:migrate}\n  quiet: {roles: [sidekiq], max: 2m}\n" + more
	return o
}

// Source maps are sent once, from the primary's new web container, after the
// deploy has ended; what is said about it is in that container's log, and the
// maps are gone from its assets afterwards.
func TestSourcemapsAreSentWithoutUs(t *testing.T) {
	const wait = "while [ ! -e /tmp/go-on ]; do sleep 0.1; done; "
	o := extended("  sourcemaps: {cmd: '" + wait + "bin/upload-sourcemaps', env: {DELETE_MAPS: \"true\"}, secrets: [APPSIGNAL_PUSH_API_KEY]}\n")
	o.Env = map[string]string{"APPSIGNAL_URL": theLab.AppSignal, "ASSET_HOSTS": "https://cdn.example.test https://www.example.test"}
	w := begin(t, o)
	v := w.revision()
	w.contains(w.must("lab"), "goes on in shop-web-lab-"+v+" on lab-1")
	w.wantServes(v, "lab-1", "lab-2")
	if got := uploads(w); len(got) != 0 {
		t.Fatalf("uploaded before it could be: %+v", got)
	}
	if argv := w.on("lab-1", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"); !strings.Contains(argv, "bin/upload-sourcemaps") || strings.Contains(argv, "lab-push-key") {
		t.Errorf("the command lines of lab-1: %s", argv)
	}
	w.on("lab-1", "docker exec shop-web-lab-"+v+" touch /tmp/go-on")
	w.eventually(time.Minute, "the log says that it is done", func() bool {
		return strings.Contains(w.must("app", "logs", "--roles=web", "-d", "lab").out, "[sourcemaps] "+v+": done")
	})
	got := uploads(w)
	if len(got) != 1 || got[0].Revision != v || got[0].KeyInURL || len(got[0].Names) != 2 {
		t.Fatalf("uploads: %+v", got)
	}
	script := strings.TrimSuffix(got[0].File, ".map")
	if got[0].Names[0] != "https://cdn.example.test/packs/"+script {
		t.Errorf("named %q", got[0].Names)
	}
	log := w.must("app", "logs", "--roles=web", "-d", "lab").out
	if !strings.Contains(log, "[sourcemaps] 1 source maps uploaded") || !strings.Contains(log, "[sourcemaps] source maps deleted") || strings.Contains(log, "lab-push-key") {
		t.Errorf("the log: %s", log)
	}
	if left := w.on("lab-1", "docker exec shop-web-lab-"+v+" sh -c 'ls /rails/public/packs'"); !strings.Contains(left, script) || strings.Contains(left, ".map") {
		t.Errorf("left in the assets: %s", left)
	}
}

func uploads(w *world) []appsignal.Upload {
	w.Helper()
	all, err := appsignal.Uploads(w.Context(), theLab.AppSignal)
	if err != nil {
		w.Fatal(err)
	}
	return all
}
