package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Act runs one of Kamal's commands that are no rollout, under the lock: observe,
// plan, execute. Nothing is undone when a step fails: what was asked for has
// happened on the other hosts, and the error tells what serves.
func (e *Engine) Act(ctx, hard context.Context, r Request, make plan.Maker) error {
	if err := e.hook(ctx, r, "pre-connect", e.Selection.Hosts, nil); err != nil {
		return untouched(err)
	}
	if err := e.connect(ctx, e.lockHosts()); err != nil {
		return untouched(err)
	}
	return e.underLock(ctx, hard, r, func(ctx context.Context, h *held) error {
		observed, err := e.observe(ctx, e.Selection.Hosts)
		if err != nil {
			return err
		}
		p, err := make(e.actInput(observed, r))
		if err != nil {
			return err
		}
		e.Sink.Emit(event.Event{Type: event.PlanReady, Plan: &event.Plan{Text: p.Text()}})
		w := newWorker(e, r, h)
		x := &executor{act: w.do, sink: e.Sink, now: e.Now}
		if err := x.run(ctx, p); err != nil {
			return &Failure{Err: err, Evidence: w.evidenceOf(err), Now: e.serving(hard), Try: w.hints(err)}
		}
		return nil
	})
}

// PlanAct is the plan of such a command as it would be now; nothing changes.
func (e *Engine) PlanAct(ctx context.Context, r Request, make plan.Maker) (plan.Plan, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	return make(e.actInput(observed, r))
}

func (e *Engine) actInput(observed *plan.State, r Request) plan.Input {
	in := e.input(observed, Request{})
	in.Options.SkipHooks = r.SkipHooks
	in.Options.UserHooks = map[string]bool{}
	for _, name := range []string{"pre-proxy-reboot", "post-proxy-reboot"} {
		in.Options.UserHooks[name] = e.Hooks.Exists(name)
	}
	return in
}

// halt takes a role off the proxy and stops its containers.
func (w *worker) halt(ctx context.Context, h Host, s plan.Step) error {
	if s.Stop.Service != "" {
		line := kamal.ProxyLine("remove", s.Stop.Service, nil)
		if _, err := h.Run(ctx, run.Cmd{Name: "kamal-proxy remove " + s.Stop.Service, Line: line}); err != nil {
			return err
		}
	}
	for _, c := range s.Stop.Containers {
		if err := ignoreNotFound(h.Docker().Stop(ctx, c.ID, s.Stop.StopTimeout)); err != nil {
			return err
		}
	}
	return nil
}

// command runs a line of Kamal's.
func (w *worker) command(ctx context.Context, h Host, s plan.Step) error {
	_, err := h.Run(ctx, run.Cmd{Name: s.ID, Line: s.Line})
	return err
}

// routes looks whether a restarted proxy serves what it served.
func (w *worker) routes(ctx context.Context, h Host, s plan.Step) error {
	res, err := h.Run(ctx, run.Cmd{Name: "ask kamal-proxy what it serves", Line: kamal.ProxyWaitLine()})
	if err != nil {
		return err
	}
	list := kamal.ParseProxyList(res.Stdout)
	lost := slices.DeleteFunc(slices.Clone(s.Routes), func(service string) bool { return kamal.FindService(list, service) != "" })
	if len(lost) > 0 {
		return fmt.Errorf("kamal-proxy on %s does not serve %s any more: boot those apps again (`hwdeploy app boot`)", h.Name(), strings.Join(lost, ", "))
	}
	return nil
}
