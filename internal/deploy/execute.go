package deploy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// undo is one reversal, kept in the order in which its step succeeded.
type undo struct {
	step plan.Step
	run  func(context.Context) error
}

// action executes one step. A non-nil reversal is kept even when err is not nil,
// for steps that may have happened in part.
type action func(context.Context, plan.Step) (reversal func(context.Context) error, err error)

// around puts Engine.Around, where it is set, around each step.
func (e *Engine) around(act action) action {
	if e.Around == nil {
		return act
	}
	return func(ctx context.Context, s plan.Step) (reversal func(context.Context) error, err error) {
		err = e.Around(s, func() error {
			reverse, err := act(ctx, s)
			if reversal == nil {
				reversal = reverse
			}
			return err
		})
		return reversal, err
	}
}

// executor walks a plan. It decides nothing.
type executor struct {
	act  action
	sink event.Sink
	now  func() time.Time

	mu    sync.Mutex
	undos []undo
}

// StepError is the first failure of a run.
type StepError struct {
	Step plan.Step
	Err  error
}

func (e *StepError) Error() string { return e.Step.ID + ": " + e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

type finished struct {
	step   plan.Step
	status event.Status
	err    error
}

// run executes the plan: independent steps at the same time, each after its
// needs. After the first failure nothing new starts, what is under way ends, and
// the rest is blocked. It gives that first failure.
func (x *executor) run(ctx context.Context, p plan.Plan) error {
	s := newSchedule(p)
	ends := make(chan finished)
	var first error
	for busy := 0; ; {
		for _, step := range s.ready() {
			busy++
			go func() { ends <- x.step(ctx, step) }()
		}
		if busy == 0 {
			break
		}
		f := <-ends
		busy--
		s.end(f.step.ID, f.status)
		if f.err != nil {
			s.stop()
			if first == nil || errors.Is(first, context.Canceled) {
				first = &StepError{Step: f.step, Err: f.err}
			}
		}
		if ctx.Err() != nil {
			s.stop()
		}
	}
	x.blocked(s)
	if first == nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return first
}

// reason is why a step failed: one that was ended may only say that it was, and
// not that a connection was lost.
func reason(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && cancelled(err) && !cancelled(cause) {
		return cause
	}
	return err
}

func (x *executor) step(ctx context.Context, step plan.Step) finished {
	begin := x.now()
	x.emit(step, event.Event{Type: event.StepStarted, Started: &event.Step{Title: step.Doing()}})
	reverse, err := x.act(ctx, step)
	err = reason(ctx, err)
	if reverse != nil {
		x.mu.Lock()
		x.undos = append(x.undos, undo{step, reverse})
		x.mu.Unlock()
	}
	done := &event.Done{Status: event.Succeeded, Seconds: x.now().Sub(begin).Seconds()}
	if err != nil {
		done.Status, done.Error = event.Failed, err.Error()
	}
	x.emit(step, event.Event{Type: event.StepDone, Done: done})
	return finished{step, done.Status, err}
}

func (x *executor) blocked(s *schedule) {
	for _, step := range s.plan.Steps {
		if s.status[step.ID] == "" {
			x.emit(step, event.Event{Type: event.StepDone, Done: &event.Done{Status: event.Blocked}})
		}
	}
}

func (x *executor) emit(step plan.Step, e event.Event) {
	e.Step, e.Host = step.ID, step.Host
	x.sink.Emit(e)
}

// undoAll reverses what succeeded: on each host newest first, the hosts at the
// same time. It gives a line per reversal that failed.
func (x *executor) undoAll(ctx context.Context) []error {
	x.mu.Lock()
	perHost := map[string][]undo{}
	for _, u := range x.undos {
		perHost[u.step.Host] = append(perHost[u.step.Host], u)
	}
	x.undos = nil
	x.mu.Unlock()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed []error
	for _, undos := range perHost {
		wg.Go(func() {
			for i := len(undos) - 1; i >= 0; i-- {
				if err := x.reverse(ctx, undos[i]); err != nil {
					mu.Lock()
					failed = append(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return failed
}

// undoOnly reverses the steps of one kind and forgets the rest.
func (x *executor) undoOnly(ctx context.Context, kind plan.Kind) []error {
	x.mu.Lock()
	x.undos = slices.DeleteFunc(x.undos, func(u undo) bool { return u.step.Kind != kind })
	x.mu.Unlock()
	return x.undoAll(ctx)
}

func (x *executor) reverse(ctx context.Context, u undo) error {
	begin := x.now()
	step := u.step
	step.ID += "/undo"
	x.emit(step, event.Event{Type: event.StepStarted, Started: &event.Step{Title: u.step.Undo}})
	err := u.run(ctx)
	done := &event.Done{Status: event.Undone, Seconds: x.now().Sub(begin).Seconds()}
	if err != nil {
		done.Status, done.Error = event.Failed, err.Error()
		err = &StepError{Step: step, Err: err}
	}
	x.emit(step, event.Event{Type: event.StepDone, Done: done})
	return err
}
