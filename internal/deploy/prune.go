package deploy

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// prune removes what the plan lists, then dangling images of the service. What
// is gone already, or in use by now, is left.
func (w *worker) prune(ctx context.Context, h Host, s plan.Step) error {
	for _, text := range []string{"Pruned containers", "Pruned images"} {
		if err := w.held.audit(ctx, w.engine, h, "", text); err != nil {
			return err
		}
	}
	d := h.Docker()
	var g errgroup.Group
	for _, c := range s.Prune.Containers {
		g.Go(func() error { return gone(d.Remove(ctx, c.ID, docker.RemoveOptions{})) })
	}
	g.Go(func() error {
		_, err := d.PruneDangling(ctx, "service="+w.engine.Config.Service)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	var errs []error
	for _, tag := range s.Prune.Tags {
		_, err := d.RemoveImage(ctx, tag)
		errs = append(errs, gone(err))
	}
	return errors.Join(errs...)
}

// gone takes an object that is not there, or that something needs, for removed.
func gone(err error) error {
	if docker.IsNotFound(err) || docker.IsConflict(err) {
		return nil
	}
	return err
}
