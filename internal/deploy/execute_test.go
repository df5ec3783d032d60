package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// recorder is a Sink that keeps what it hears.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorder) Emit(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) statuses() map[string]event.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]event.Status{}
	for _, e := range r.events {
		if e.Done != nil {
			out[e.Step] = e.Done.Status
		}
	}
	return out
}

// trial runs a plan whose steps fail by name.
type trial struct {
	mu     sync.Mutex
	ran    []string
	undone []string
	fails  map[string]bool
}

func (tr *trial) act(_ context.Context, s plan.Step) (func(context.Context) error, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.ran = append(tr.ran, s.ID)
	reverse := func(context.Context) error {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.undone = append(tr.undone, s.ID)
		return nil
	}
	if tr.fails[s.ID] {
		return nil, errors.New("boom")
	}
	return reverse, nil
}

func execute(t *testing.T, steps []plan.Step, fails ...string) (*trial, *recorder, *executor, error) {
	t.Helper()
	tr, rec := &trial{fails: map[string]bool{}}, &recorder{}
	for _, f := range fails {
		tr.fails[f] = true
	}
	x := &executor{act: tr.act, sink: rec, now: time.Now}
	err := x.run(t.Context(), plan.Plan{Steps: steps})
	return tr, rec, x, err
}

func TestStepsRunAfterTheirNeeds(t *testing.T) {
	tr, _, _, err := execute(t, []plan.Step{
		{ID: "c", Needs: []string{"b"}}, {ID: "b", Needs: []string{"a"}}, {ID: "a"},
	})
	if err != nil || strings.Join(tr.ran, "") != "abc" {
		t.Errorf("ran %v, %v", tr.ran, err)
	}
}

func TestADependentOfAFailureIsBlockedAndNeverRuns(t *testing.T) {
	tr, rec, _, err := execute(t, []plan.Step{
		{ID: "a"}, {ID: "b", Needs: []string{"a"}}, {ID: "c", Needs: []string{"b"}},
	}, "b")
	var step *StepError
	if !errors.As(err, &step) || step.Step.ID != "b" {
		t.Fatalf("error %v", err)
	}
	if slices.Contains(tr.ran, "c") || rec.statuses()["c"] != event.Blocked {
		t.Errorf("ran %v, statuses %v", tr.ran, rec.statuses())
	}
}

func TestAnyOfOpensWithTheFirstSuccessAndNeverHangs(t *testing.T) {
	latch := []plan.Step{{ID: "w1"}, {ID: "w2"}, {ID: "jobs", AnyOf: []string{"w1", "w2"}}}
	if tr, _, _, err := execute(t, latch); err != nil || !slices.Contains(tr.ran, "jobs") {
		t.Errorf("ran %v, %v", tr.ran, err)
	}
	tr, rec, _, err := execute(t, latch, "w1", "w2")
	if err == nil || slices.Contains(tr.ran, "jobs") || rec.statuses()["jobs"] != event.Blocked {
		t.Errorf("all failed: ran %v, %v", tr.ran, err)
	}
}

func TestUndoRunsNewestFirstOnEachHost(t *testing.T) {
	tr, rec, x, err := execute(t, []plan.Step{
		{ID: "1", Host: "a"}, {ID: "2", Host: "a", Needs: []string{"1"}},
		{ID: "3", Host: "a", Needs: []string{"2"}}, {ID: "bad", Host: "b", Needs: []string{"3"}},
	}, "bad")
	if err == nil {
		t.Fatal("no error")
	}
	if failed := x.undoAll(t.Context()); len(failed) > 0 {
		t.Fatal(failed)
	}
	if strings.Join(tr.undone, "") != "321" || rec.statuses()["2/undo"] != event.Undone {
		t.Errorf("undone %v", tr.undone)
	}
}

func TestACancelledRunStartsNothingMore(t *testing.T) {
	tr := &trial{}
	ctx, cancel := context.WithCancel(t.Context())
	x := &executor{sink: &recorder{}, now: time.Now, act: func(ctx context.Context, s plan.Step) (func(context.Context) error, error) {
		cancel()
		return tr.act(ctx, s)
	}}
	err := x.run(ctx, plan.Plan{Steps: []plan.Step{{ID: "a"}, {ID: "b", Needs: []string{"a"}}}})
	if !errors.Is(err, context.Canceled) || len(tr.ran) != 1 {
		t.Errorf("ran %v, %v", tr.ran, err)
	}
}

// Adapters tell of a lost connection as they do of Ctrl-C: what they were ended
// for decides which it was.
func TestAStepThatWasEndedTellsWhy(t *testing.T) {
	gone := errors.New("the guard on web-1 ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	x := &executor{sink: &recorder{}, now: time.Now, act: func(ctx context.Context, _ plan.Step) (func(context.Context) error, error) {
		cancel(gone)
		return nil, ctx.Err()
	}}
	err := x.run(ctx, plan.Plan{Steps: []plan.Step{{ID: "a"}}})
	var step *StepError
	if !errors.Is(err, gone) || !errors.As(err, &step) || cancelled(err) || (&Failure{Err: err}).ExitCode() != 1 {
		t.Errorf("%v; exit code %d", err, (&Failure{Err: err}).ExitCode())
	}
}
