package deploy

import (
	"context"
	"errors"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// Edge is what a flow does in front of the hosts. Each call gives a line that
// says what was done.
type Edge interface {
	// Check finds what would fail later, and asks nobody outside.
	Check(ctx context.Context, x Extras) error
	// Worker deploys the edge worker; an unchanged one is left as it is.
	Worker(ctx context.Context, progress func(string)) (summary string, err error)
	// Redirects brings the bulk redirects to what the files say.
	Redirects(ctx context.Context, progress func(string)) (summary string, err error)
	// Purge empties the cache: everything, or only what the queue file names.
	Purge(ctx context.Context, everything bool, progress func(string)) (summary string, err error)
}

// Extras are the flow's steps outside the hosts.
type Extras = plan.Extras

// shown is a plan as people see it: with what a flow does beside the hosts.
func (e *Engine) shown(p plan.Plan, r Request) plan.Plan {
	if !r.Flow {
		return p
	}
	return p.WithFlow(e.Config.Extension, r.Extras, e.Selection.PrimaryRole == e.Config.PrimaryRole)
}

// syncAssets puts the primary's assets into the bucket at the configured time.
// Where the configuration says so a failure is only a warning.
func (e *Engine) syncAssets(ctx context.Context, r Request, when string) error {
	a := e.Config.Extension.Assets
	if !r.Flow || e.Assets == nil || a == nil || a.When != when {
		return nil
	}
	h, err := e.host(e.Selection.PrimaryHost)
	if err != nil {
		return err
	}
	err = e.copyAssets(ctx, h, e.image(r.Version), false)
	switch {
	case err == nil:
		return nil
	case a.OnFailure == "warn" && ctx.Err() == nil:
	case when == "before-swap":
		return &Failure{Err: err, Now: e.serving(context.WithoutCancel(ctx))}
	default:
		return err
	}
	e.warn("", "the assets are not in the bucket: "+err.Error(), "the app still serves them itself; `hwdeploy assets sync` tries again")
	return nil
}

// afterSwap does what follows a swap in front of the hosts. The new version is
// live: a failure is reported and nothing is undone, and the rest is still done.
func (e *Engine) afterSwap(ctx context.Context, r Request) error {
	if !r.Flow {
		return nil
	}
	err := errors.Join(e.syncAssets(ctx, r, "after-swap"), e.sourcemaps(ctx, r), e.edge(ctx, r))
	if err != nil {
		return &Failure{Err: err, Live: true, Now: []string{r.Version + " is live; what failed came after the swap"}}
	}
	return nil
}

// checkEdge finds before the build what would fail after the swap.
func (e *Engine) checkEdge(ctx context.Context, r Request) error {
	if !r.Flow || e.Edge == nil {
		return nil
	}
	return e.Edge.Check(ctx, r.Extras)
}

func (e *Engine) edge(ctx context.Context, r Request) error {
	if e.Edge == nil {
		return nil
	}
	var errs []error
	if r.Extras.Worker {
		errs = append(errs, e.talk(ctx, "edge/worker", "deploy the edge worker", e.Edge.Worker))
	}
	if r.Extras.Redirects {
		errs = append(errs, e.talk(ctx, "edge/redirects", "upload the bulk redirects", e.Edge.Redirects))
	}
	if !r.Extras.NoPurge {
		everything := r.Extras.Everything || e.Config.Extension.Edge.Purge == "everything"
		errs = append(errs, e.talk(ctx, "edge/purge", "purge the edge cache", func(ctx context.Context, progress func(string)) (string, error) {
			return e.Edge.Purge(ctx, everything, progress)
		}))
	}
	return errors.Join(errs...)
}

// talk is a phase with lines of output.
func (e *Engine) talk(ctx context.Context, id, title string, f func(context.Context, func(string)) (string, error)) error {
	return e.phase(ctx, id, title, func(ctx context.Context) (string, error) {
		return f(ctx, func(text string) {
			e.Sink.Emit(event.Event{Type: event.StepOutput, Step: id, Output: &event.Output{Stream: "stdout", Text: text}})
		})
	})
}
