package deploy

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// Deploy runs one request to its end: forecast, delivery, lock, rollout, unlock,
// post-deploy. ctx ends on the first Ctrl-C: what is under way stops and is
// undone. hard ends on the second: undo stops too.
func (e *Engine) Deploy(ctx, hard context.Context, r Request) error {
	begin := e.Now()
	seen, forecast, err := e.forecast(ctx, r)
	if err != nil {
		return untouched(err)
	}
	if len(forecast.Steps) == 0 {
		e.notice("", strings.Join(forecast.Notes, "; "))
		return nil
	}
	if err := e.deliver(ctx, r, seen); err != nil {
		return err
	}
	if err := e.syncAssets(ctx, r, "before-swap"); err != nil {
		return err
	}
	var late error
	if err := e.underLock(ctx, hard, r, func(ctx context.Context, held *held) error {
		if err := e.rollout(ctx, hard, r, held, &forecast); err != nil {
			return err
		}
		late = e.afterSwap(ctx, r)
		return nil
	}); err != nil {
		return err
	}
	return errors.Join(late, e.postDeploy(ctx, r, begin))
}

// Plan forecasts a request and changes nothing. What the request would be refused
// for is a warning.
func (e *Engine) Plan(ctx context.Context, r Request) (plan.Plan, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	if err := e.preflight(ctx, observed, r); err != nil {
		e.warn("", "it would be refused: "+err.Error(), "")
	}
	p, err := e.planRollout(ctx, observed, r)
	return e.shown(p, r), err
}

// look connects and observes.
func (e *Engine) look(ctx context.Context) (*plan.State, error) {
	if err := e.connect(ctx, e.lockHosts()); err != nil {
		return nil, err
	}
	return e.observe(ctx, e.Selection.Hosts)
}

// forecast resolves the secrets, runs pre-connect, connects, observes and shows
// the plan as it would be now. Problems that would fail the run later fail it
// here, before anything is touched.
func (e *Engine) forecast(ctx context.Context, r Request) (*plan.State, plan.Plan, error) {
	none := plan.Plan{}
	if r.builds() {
		if err := e.Builder.Check(); err != nil {
			return nil, none, err
		}
	}
	if err := e.checkEdge(ctx, r); err != nil {
		return nil, none, err
	}
	var observed *plan.State
	err := e.besideSecrets(ctx, func(ctx context.Context) error {
		err := e.hook(ctx, r, "pre-connect", e.Selection.Hosts, nil)
		if err == nil {
			observed, err = e.look(ctx)
		}
		return err
	})
	if err != nil {
		return nil, none, err
	}
	if err := e.preflight(ctx, observed, r); err != nil {
		return nil, none, err
	}
	p, err := e.planRollout(ctx, observed, r)
	if err != nil {
		return nil, none, err
	}
	e.Sink.Emit(event.Event{Type: event.PlanReady, Plan: &event.Plan{Forecast: true, Text: e.shown(p, r).Text()}})
	return observed, p, nil
}

func (e *Engine) planRollout(ctx context.Context, observed *plan.State, r Request) (plan.Plan, error) {
	hashes, err := e.envHashes(ctx, r)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.Rollout(plan.Input{
		Config: e.Config, Selection: e.Selection, State: *observed,
		Options: plan.Options{
			Command: r.Command, Version: r.Version, Run: e.RunID,
			Migrate: r.Flow && r.Migrate, Quiet: r.Command != "boot",
			SkipHooks: r.SkipHooks, UserHooks: e.userHooks(r),
			Proxy:     r.Command == "deploy" || r.Command == "rollback" || r.Command == "setup",
			Prune:     r.Command == "deploy" || r.Command == "rollback" || r.Command == "setup",
			Pages:     e.hasErrorPages(),
			Restart:   r.Restart,
			IfChanged: r.IfChanged, EnvHashes: hashes,
			Env:         e.compared(ctx),
			Accessories: r.Command == "setup",
		},
	})
}

// envHashes are those of the env files that the roles are to have; asked for
// only where they decide something.
func (e *Engine) envHashes(ctx context.Context, r Request) (map[string]string, error) {
	if !r.IfChanged {
		return nil, nil //nolint:nilnil // not needed
	}
	out := map[string]string{}
	for _, host := range e.Selection.AppHosts {
		for _, role := range e.Selection.RolesOn(host) {
			content, err := e.envFile(ctx, role.Name, host)
			if err != nil {
				return nil, err
			}
			out[host+"/"+role.Name] = fmt.Sprintf("%x", sha256.Sum256(content))
		}
	}
	return out, nil
}

// userHooks tells which of the hooks inside a rollout exist. A bare app boot
// runs neither pre-deploy nor post-deploy.
func (e *Engine) userHooks(r Request) map[string]bool {
	out := map[string]bool{}
	for _, name := range []string{"pre-deploy", "pre-app-boot", "post-app-boot"} {
		if r.Command != "boot" || name != "pre-deploy" {
			out[name] = e.Hooks.Exists(name)
		}
	}
	return out
}

// rollout observes again under the lock, plans and executes. When a step fails
// it undoes and says what serves. A plan that differs from the forecast (nil =
// none was made) is said, or refused with --strict.
func (e *Engine) rollout(ctx, hard context.Context, r Request, held *held, forecast *plan.Plan) error {
	observed, err := e.observeAndStage(ctx, held, !r.Restart)
	if err != nil {
		return err
	}
	if err := e.pullMissing(ctx, observed, r); err != nil {
		return err
	}
	p, err := e.planRollout(ctx, observed, r)
	if err != nil {
		return err
	}
	if err := e.compare(forecast, p, r); err != nil {
		return err
	}
	e.Sink.Emit(event.Event{Type: event.PlanReady, Plan: &event.Plan{Text: p.Text()}})
	w := newWorker(e, r, held)
	if err := w.noteDelivery(ctx, r); err != nil {
		return err
	}
	x := &executor{act: e.around(w.do), sink: e.Sink, now: e.Now}
	if err := x.run(ctx, p); err != nil {
		return e.fail(hard, err, x, w)
	}
	return nil
}

// compare says how the plan differs from the forecast.
func (e *Engine) compare(forecast *plan.Plan, p plan.Plan, r Request) error {
	if forecast == nil {
		return nil
	}
	changes := plan.Diff(*forecast, p)
	if len(changes) == 0 {
		return nil
	}
	text := "the hosts changed between the forecast and the lock:\n  " + strings.Join(changes, "\n  ")
	if r.Strict {
		return &StrictError{Text: text}
	}
	e.notice("", text)
	return nil
}

// noteDelivery writes into the audit logs what was pulled before the lock.
func (w *worker) noteDelivery(ctx context.Context, r Request) error {
	if r.Command == "rollback" || r.Command == "boot" {
		return nil // nothing was delivered
	}
	return w.engine.each(ctx, w.engine.Selection.AppHosts, func(ctx context.Context, h Host) error {
		return w.held.audit(ctx, w.engine, h, "", "Pulled image with version "+r.Version)
	})
}

// fail undoes and makes the report of a failed run.
func (e *Engine) fail(hard context.Context, err error, x *executor, w *worker) error {
	f := &Failure{Err: err, Evidence: w.evidenceOf(err)}
	ctx, cancel := context.WithTimeout(hard, e.undoTime())
	defer cancel()
	if w.mayReturn() {
		f.Undone = x.undoAll(ctx)
	} else {
		f.Try = append(f.Try, "nothing was returned: "+w.whyNoReturn())
		f.Undone = x.undoOnly(ctx, plan.Quiet)
	}
	f.Person = len(f.Undone) > 0
	f.Now = e.serving(ctx)
	f.Try = append(f.Try, w.hints(err)...)
	return f
}

// undoTime is how long an undo may take: what the old version may take to boot
// again, the proxy to drain, and each role to stop, beside the rest.
func (e *Engine) undoTime() time.Duration {
	seconds := e.Config.DeployTimeout + e.Config.DrainTimeout
	for _, role := range e.Selection.Roles {
		seconds += *cmp.Or(resolve.StopTimeout(e.Config, role), &dockerStop)
	}
	return grace + time.Duration(seconds)*time.Second
}

// postDeploy runs the hook post-deploy, unlocked, with the run's whole seconds.
func (e *Engine) postDeploy(ctx context.Context, r Request, begin time.Time) error {
	if r.Command == "boot" {
		return nil
	}
	seconds := int(e.Now().Sub(begin).Seconds())
	err := e.hook(ctx, r, "post-deploy", e.Selection.Hosts, map[string]string{"KAMAL_RUNTIME": fmt.Sprint(seconds)})
	if err != nil {
		return &Failure{Err: err, Now: []string{r.Version + " is live; only the hook failed"}}
	}
	return nil
}

// serving asks all hosts what they serve now, for the report of a failure; a host
// that does not answer holds nobody up for long.
func (e *Engine) serving(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	var asked sync.WaitGroup
	answers := make([][]string, len(e.Selection.AppHosts))
	for i, name := range e.Selection.AppHosts {
		asked.Go(func() { answers[i] = e.servingOn(ctx, name) })
	}
	asked.Wait()
	return slices.Concat(answers...)
}

func (e *Engine) servingOn(ctx context.Context, name string) []string {
	h, err := e.host(name)
	if err != nil {
		return []string{name + ": not known, never connected"}
	}
	st, err := e.observeHost(ctx, h)
	if err != nil {
		return []string{fmt.Sprintf("%s: not known (%v)", name, err)}
	}
	var out []string
	for _, role := range e.Selection.Roles {
		if text, ok := plan.Serving(e.Config, role, st); ok {
			out = append(out, fmt.Sprintf("%s: %s serves %s", name, role.Name, text))
		}
	}
	return out
}

// cancelled tells whether a run ended by the user's wish.
func cancelled(err error) bool { return errors.Is(err, context.Canceled) }
