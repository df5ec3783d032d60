package deploy

import (
	"context"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// Recover brings a fleet to rest after a run that died: under the guards' locks,
// which nobody gets while that run lives, it takes over the dead run's deploy
// lock, resumes workers that are still quiet, stops what runs and does not serve,
// and frees the lock. What it finds it says. A run that lives is a *BusyError, a
// lock of anybody else's a *LockedError.
func (e *Engine) Recover(ctx, hard context.Context, r Request) error {
	if err := e.connect(ctx, e.lockHosts()); err != nil {
		return err
	}
	return e.underLock(ctx, hard, r, func(ctx context.Context, h *held) error {
		seen, err := e.inspect(ctx, e.lockHosts())
		if err != nil {
			return err
		}
		p := plan.Recover(plan.Input{Config: e.Config, Selection: e.Selection, State: seen.State, Options: plan.Options{Run: e.RunID}})
		if len(p.Steps) == 0 {
			e.notice("", "nothing is left to resume or to stop")
		}
		for _, n := range p.Notes {
			e.warn("", n, "")
		}
		p.Notes = nil
		e.Sink.Emit(event.Event{Type: event.PlanReady, Plan: &event.Plan{Text: p.Text()}})
		w := newWorker(e, r, h)
		x := &executor{act: e.around(w.do), sink: e.Sink, now: e.Now}
		if err := x.run(ctx, p); err != nil {
			return &Failure{Err: err, Now: e.serving(hard), Try: []string{"run it again; what is done already is left alone"}}
		}
		return nil
	})
}
