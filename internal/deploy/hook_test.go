package deploy

import (
	"context"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// talker is a hook of any name that says a word.
type talker struct{}

func (talker) Exists(string) bool { return true }
func (talker) Run(_ context.Context, _ string, _ []string, _ []NamedSecret, output func(stream, text string)) error {
	output("stdout", "hello")
	return nil
}

// Where a hook runs once per group, what it says belongs to the step of its group.
func TestWhatAHookSaysBelongsToItsStep(t *testing.T) {
	rec := &recorder{}
	e := &Engine{Config: &config.Config{}, Hooks: talker{}, Sink: rec, Now: time.Now}
	s := plan.Step{ID: "pre-app-boot/2", Kind: plan.Hook, Hook: &plan.UserHook{Name: "pre-app-boot"}}
	if _, err := newWorker(e, Request{}, &held{}).do(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := e.hook(t.Context(), Request{}, "docker-setup", nil, nil); err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, x := range rec.events {
		if x.Output != nil {
			steps = append(steps, x.Step)
		}
	}
	if len(steps) != 2 || steps[0] != s.ID || steps[1] != "docker-setup" {
		t.Errorf("output of the steps %q", steps)
	}
}
