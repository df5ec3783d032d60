package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// state is all that a step can change on the hosts, but the journal and the
// audit logs, which guards write when they come to it.
func (w *world) state(hosts ...string) string {
	w.Helper()
	all := ""
	for _, h := range hosts {
		all += h + ":\n" + w.on(h, strings.Join([]string{
			`docker ps -aq --no-trunc | xargs -r docker inspect -f '{{.Id}} {{.Name}} {{.Config.Image}} {{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}' | sort`,
			`docker image ls --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' | sort`,
			`docker network ls --format '{{.Name}}' | sort`,
			`docker exec kamal-proxy kamal-proxy list 2>/dev/null`,
			`find .kamal -type f ! -name journal ! -name '*-audit.log' -exec sha256sum {} + 2>/dev/null | sort -k 2`,
			`find .kamal -type d | sort`,
		}, "; ")) + "\n"
	}
	s, err := theLab.DB.Snapshot(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	var quiet []string
	for _, x := range s.Workers {
		if x.State == "quiet" {
			quiet = append(quiet, x.Version)
		}
	}
	return all + fmt.Sprintf("migrations %d, quiet %s\n", len(s.Migrations), quiet)
}

// twice does a rollout of which every step runs twice, one step at a time, and
// checks that the second time changes nothing. It notes the kinds that ran.
func (w *world) twice(kinds map[plan.Kind]bool, rollout func(*deploy.Engine) error) {
	w.Helper()
	var turn sync.Mutex
	e := w.engine()
	e.Around = func(s plan.Step, run func() error) error {
		turn.Lock()
		defer turn.Unlock()
		if err := run(); err != nil {
			return err
		}
		on := []string{s.Host}
		if s.Host == "" {
			on = []string{"lab-1", "lab-2"}
		}
		before := w.state(on...)
		if err := run(); err != nil {
			return fmt.Errorf("the second time: %w", err)
		}
		if after := w.state(on...); after != before {
			w.Errorf("%s: the second time changed something\nbefore:\n%s\nafter:\n%s", s.ID, before, after)
		}
		kinds[s.Kind] = true
		return nil
	}
	if err := rollout(e); err != nil {
		w.Fatal(err)
	}
	if err := e.Close(); err != nil {
		w.Error(err)
	}
}

// Every kind of step does nothing when it runs a second time in the same run.
func TestEveryStepRunsTwice(t *testing.T) {
	o := twoHosts()
	o.Overlay = "boot: {limit: 1, wait: 1}\nretain_containers: 2\nerror_pages_path: public\n"
	o.Files = map[string]string{"public/503.html": "<h1>busy</h1>\n"}
	o.Hooks = map[string]string{"pre-deploy": "#!/bin/sh\necho once >> ran\n"}
	w := begin(t, o)
	kinds := map[plan.Kind]bool{}
	flow := func(version string) {
		w.twice(kinds, func(e *deploy.Engine) error {
			return e.Deploy(t.Context(), t.Context(), deploy.Request{Command: "deploy", Version: version, Flow: true, Migrate: true, SkipPush: true})
		})
	}
	flow(pushed(w, "v1"))
	for _, v := range []string{"v2", "v3"} {
		w.must("deploy", "-d", "lab", "--skip-push", "--version", pushed(w, v))
	}
	w.on("lab-1", "docker start $(docker ps -aq --filter name=shop-web-lab-v2)") // stale
	flow(pushed(w, "v4"))
	w.wantServes("v4", "lab-1", "lab-2")
	w.wantFetching("v4")
	w.twice(kinds, func(e *deploy.Engine) error {
		return e.Rollback(t.Context(), t.Context(), deploy.Request{Version: "v3", Restart: true})
	})
	w.wantServes("v3", "lab-1", "lab-2")
	w.wantUnlocked()
	for _, k := range []plan.Kind{
		plan.Migrate, plan.Quiet, plan.Hook, plan.Proxy, plan.Prepare, plan.Create, plan.Start, plan.Switch, plan.Ready,
		plan.StopOld, plan.Wait, plan.Tag, plan.Reap, plan.Tidy, plan.PruneContainers, plan.PruneImages,
	} {
		if !kinds[k] {
			t.Errorf("no step of kind %s ran", k)
		}
	}
	if ran := w.read("ran"); ran != "once\nonce\nonce\nonce\nonce\n" {
		t.Errorf("the hook ran %q in five rollouts", ran)
	}
	w.wantAuditedOnce("lab-1", "v4")
	w.wantAuditedOnce("lab-2", "v4")
}

// wantAuditedOnce checks that no line of the audit log with that text repeats.
func (w *world) wantAuditedOnce(host, text string) {
	w.Helper()
	lines := strings.Split(w.on(host, "cut -d ' ' -f 2- .kamal/shop-lab-audit.log"), "\n")
	slices.Sort(lines)
	for i, l := range lines[1:] {
		if l == lines[i] && strings.Contains(l, text) {
			w.Errorf("%s: audited twice: %s", host, l)
		}
	}
}
