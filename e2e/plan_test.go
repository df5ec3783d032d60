package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// A plan tells which variables and images change, never a value, and changes
// nothing on any host.
func TestAPlanTellsWhatChanges(t *testing.T) {
	o := twoHosts()
	o.Secrets = map[string]string{"TOKEN": "first-value", "STABLE": "stays"}
	o.Env = map[string]string{"GREETING": `say "hi" & $HOME <b>`, "OLD_WORD": "gone soon"}
	w, v1 := live(t, o)
	for name, words := range map[string][]string{
		"config/deploy.yml":  {"say \\\"hi\\\" & $HOME <b>", "other words", "OLD_WORD: \"gone soon\"", "NEW_WORD: fresh"},
		".kamal/secrets.lab": {"first-value", "second-value"}, ".kamal/secrets": {"first-value", "second-value"},
	} {
		if err := w.project.Write(name, strings.NewReplacer(words...).Replace(w.read(name))); err != nil {
			t.Fatal(err)
		}
	}
	before := w.state("lab-1", "lab-2")
	out := w.must("plan", "lab").out
	for _, want := range []string{
		"lab-2, lab-1: web: environment: adds NEW_WORD; changes GREETING, TOKEN; drops OLD_WORD\n",
		"lab-2: sidekiq: environment: adds NEW_WORD; changes GREETING, TOKEN; drops OLD_WORD\n",
		"web: image sha256:", " → not there yet", "by pointing the proxy back",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan lacks %q:\n%s", want, out)
		}
	}
	var p plan.Plan
	data := w.must("plan", "lab", "--output", "json").out
	if err := json.Unmarshal([]byte(data), &p); err != nil {
		t.Fatal(err)
	}
	s, ok := p.Find("lab-1/web/create")
	if !ok || s.Boot.Env == nil || strings.Join(s.Boot.Env.Changed, " ") != "GREETING TOKEN" || !strings.HasPrefix(s.Boot.Digests.Old, "sha256:") || len(p.Returns) != 2 {
		t.Errorf("%v %+v\n%s", ok, s.Boot, data)
	}
	if all := out + data; strings.Contains(all, "first-value") || strings.Contains(all, "second-value") {
		t.Errorf("a value is in the plan:\n%s", all)
	}
	if after := w.state("lab-1", "lab-2"); after != before {
		t.Errorf("the plan changed something:\n%s\n%s", before, after)
	}
	w.wantServes(v1, "lab-1", "lab-2")
	if again := w.must("deploy", "-d", "lab", "--skip-push", "--version", v1, "--dry-run").out; !strings.Contains(again, "environment: ") {
		t.Errorf("--dry-run does not compare:\n%s", again)
	}
}
