package deploy

import (
	"context"
)

// Setup makes hosts ready and deploys: Docker where it is missing, then under one
// lock, as with Kamal, the hook docker-setup, the image, the proxy, all
// accessories and the app.
func (e *Engine) Setup(ctx, hard context.Context, r Request) error {
	begin := e.Now()
	if _, err := e.Secrets.All(ctx); err != nil {
		return err
	}
	here := e.AccessoriesHere()
	if len(here) > 0 {
		list, _, err := e.accessories(here)
		if err != nil {
			return err
		}
		if err := e.accessoriesReady(ctx, "boot", list); err != nil {
			return err
		}
	}
	if err := e.hook(ctx, r, "pre-connect", e.Selection.Hosts, nil); err != nil {
		return untouched(err)
	}
	if err := e.dockerEverywhere(ctx); err != nil {
		return err
	}
	r.Locked = true
	return e.underLock(ctx, hard, r, func(ctx context.Context, h *held) error {
		if err := e.hook(ctx, r, "docker-setup", e.Selection.Hosts, nil); err != nil {
			return err
		}
		observed, err := e.observe(ctx, e.Selection.Hosts)
		if err != nil {
			return err
		}
		if err := e.preflight(ctx, observed, r); err != nil {
			return err
		}
		if err := e.deliver(ctx, r, observed); err != nil {
			return err
		}
		if err := e.rollout(ctx, hard, r, h, nil); err != nil {
			return err
		}
		return e.postDeploy(ctx, r, begin)
	})
}
