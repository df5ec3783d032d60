package deploy

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// prune removes what the plan lists: containers side by side, tags one after
// another, since two may name one image and the engine trips over what is removed
// meanwhile; dangling images go beside containers, or after tags. What is gone
// already, or in use by now, is left. The audit log tells of both prunes of a
// deploy after the tag latest.
func (w *worker) prune(ctx context.Context, h Host, s plan.Step) error {
	var g errgroup.Group
	for _, c := range s.Prune.Containers {
		g.Go(func() error { return gone(h.Docker().Remove(ctx, c.ID, docker.RemoveOptions{})) })
	}
	g.Go(func() error {
		var errs []error
		for _, tag := range s.Prune.Tags {
			_, err := h.Docker().RemoveImage(ctx, tag)
			errs = append(errs, gone(err))
		}
		if s.Prune.Dangling {
			_, err := h.Docker().PruneDangling(ctx, "service="+w.engine.Config.Service)
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	return g.Wait()
}

// gone takes an object that is not there, or that something needs, for removed.
func gone(err error) error {
	if docker.IsNotFound(err) || docker.IsConflict(err) {
		return nil
	}
	return err
}
