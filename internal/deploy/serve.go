package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// switchTo hands the new container to kamal-proxy, which waits for its health,
// swaps, and drains the old one; then asks the proxy what it serves. Its
// reversal points the proxy back.
func (w *worker) switchTo(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	id := w.id(h.Name(), s.Boot)
	target := fmt.Sprintf("%s:%d", docker.ShortID(id), s.Boot.Port)
	back := w.switchBack(h, s, target)
	if w.switched(h.Name(), s.Boot.Service) {
		if now, err := w.proxyTarget(ctx, h, s.Boot.Service); err != nil || now == target {
			return nil, err // this run did it before
		}
	}
	version := s.Boot.Version
	if s.Boot.Existing != "" { // its error pages may be gone by now
		var err error
		if version, err = w.pagesVersion(ctx, h, kamal.Original(version)); err != nil {
			return nil, err
		}
	}
	if err := w.held.record(h.Name(), "inflight "+s.Boot.Service); err != nil {
		return nil, err
	}
	err := w.proxyDeploy(ctx, h, s.Boot, version, target)
	if done := w.held.record(h.Name(), "done "+s.Boot.Service); err == nil {
		err = done
	}
	if err != nil {
		if ctx.Err() == nil {
			w.note(s, w.containerEvidence(ctx, h, id, s))
		}
		return back, err
	}
	w.noteSwitch(h.Name(), s.Boot.Service, true)
	return back, nil
}

// proxyDeploy gives the proxy a target and verifies that it serves it.
func (w *worker) proxyDeploy(ctx context.Context, h Host, b *plan.Boot, version, target string) error {
	e := w.engine
	return e.giveProxy(ctx, h, resolve.ProxyDeploy(e.Config, e.role(b.Role), version, target))
}

// giveProxy has kamal-proxy serve a target, and asks it whether it does.
func (e *Engine) giveProxy(ctx context.Context, h Host, s kamal.ProxyDeploySpec) error {
	limit := time.Duration(e.Config.DeployTimeout+e.Config.DrainTimeout+30) * time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("kamal-proxy on %s did not answer within %s", h.Name(), limit))
	defer cancel()
	res, err := h.Run(ctx, run.Cmd{Name: "kamal-proxy deploy " + s.Service, Line: s.Line() + " && " + kamal.ProxyListLine()})
	if err != nil {
		return proxyError(err)
	}
	serves := kamal.FindService(kamal.ParseProxyList(res.Stdout), s.Service)
	if serves != s.Target {
		return fmt.Errorf("kamal-proxy on %s serves %q for %s after it accepted %s", h.Name(), serves, s.Service, s.Target)
	}
	return nil
}

// proxyError keeps the proxy's own words in front.
func proxyError(err error) error {
	var exit *run.ExitError
	if errors.As(err, &exit) {
		return err
	}
	return fmt.Errorf("kamal-proxy deploy: %w", err)
}

// switchBack undoes a switch that happened, in part or whole. Where the proxy still
// serves the old target the new one is only stopped: a deploy whose client was cut
// off goes on in the proxy, and may take it until it has ended. What the proxy
// serves in the end is noted: a container that it still serves must not be stopped.
func (w *worker) switchBack(h Host, s plan.Step, target string) func(context.Context) error {
	return func(ctx context.Context) error {
		old := s.Boot.OldTarget
		now, err := w.proxyTarget(ctx, h, s.Boot.Service)
		if err == nil && now != target && old != "" {
			if err := ignoreNotFound(h.Docker().Stop(ctx, w.id(h.Name(), s.Boot), s.Boot.StopTimeout)); err != nil {
				return err
			}
			now, err = w.proxyTarget(ctx, h, s.Boot.Service)
		}
		if err != nil {
			return err
		}
		w.noteSwitch(h.Name(), s.Boot.Service, now == target)
		if now != target || old == "" {
			return nil
		}
		version, err := w.pagesVersion(ctx, h, oldVersion(s.Boot))
		if err != nil {
			return err
		}
		if err := w.proxyDeploy(ctx, h, s.Boot, version, old); err != nil {
			return err
		}
		w.noteSwitch(h.Name(), s.Boot.Service, false)
		return nil
	}
}

// oldVersion is the version whose error pages the proxy is to show after a return.
func oldVersion(b *plan.Boot) string {
	if b.Old == nil {
		return b.Version
	}
	return kamal.Original(b.Old.Version)
}

func (w *worker) proxyTarget(ctx context.Context, h Host, service string) (string, error) {
	res, err := h.Run(ctx, run.Cmd{Name: "ask kamal-proxy what it serves", Line: kamal.ProxyListLine()})
	if err != nil {
		return "", err
	}
	return kamal.FindService(kamal.ParseProxyList(res.Stdout), service), nil
}

// ready waits until a container without proxy does its work. With a health check
// its verdict counts. Without one it must run, and still run, not restarted,
// after readiness_delay: a worker that dies or restarts after start is not ready.
func (w *worker) ready(ctx context.Context, h Host, s plan.Step) error {
	cfg := w.engine.Config
	id := w.id(h.Name(), s.Boot)
	limit := time.Duration(cfg.DeployTimeout) * time.Second
	deadline := w.engine.Now().Add(limit)
	for attempt := 1; ; attempt++ {
		d, err := h.Docker().Inspect(ctx, id)
		if err != nil {
			return err
		}
		verdict := w.verdict(d)
		if verdict == "running" {
			if verdict, err = w.stillRunning(ctx, h, d); err != nil {
				return err
			}
		}
		if verdict == "healthy" {
			return nil
		}
		left := deadline.Sub(w.engine.Now())
		if left <= 0 || verdict == "failed" {
			w.note(s, w.containerEvidence(ctx, h, id, s))
			return fmt.Errorf("container not ready after %d seconds (%s)", cfg.DeployTimeout, d.State.Status)
		}
		if err := pause(ctx, min(time.Duration(attempt)*time.Second, left)); err != nil {
			return err
		}
	}
}

// verdict reads one look at a container: "healthy", "running" (look again),
// "waiting" or "failed".
func (w *worker) verdict(d docker.Details) string {
	switch {
	case d.State.Health != nil && d.State.Health.Status == "healthy":
		return "healthy"
	case d.State.Health != nil:
		return "waiting"
	case d.State.Status == "running" && d.RestartCount == 0:
		return "running"
	case d.State.Status == "running", d.State.Restarting, d.State.Status == "created":
		return "waiting"
	}
	return "failed"
}

// stillRunning looks again after readiness_delay (0: one look is enough).
func (w *worker) stillRunning(ctx context.Context, h Host, before docker.Details) (string, error) {
	delay := w.engine.Config.ReadinessDelay
	if delay == 0 {
		return "healthy", nil
	}
	if err := pause(ctx, time.Duration(delay)*time.Second); err != nil {
		return "", err
	}
	now, err := h.Docker().Inspect(ctx, before.ID)
	if err != nil {
		return "", err
	}
	if now.State.Status == "running" && now.State.StartedAt.Equal(before.State.StartedAt) {
		return "healthy", nil
	}
	return "waiting", nil
}
