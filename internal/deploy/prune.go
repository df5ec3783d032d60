package deploy

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// prune removes what the plan lists: containers and dangling images side by side,
// or tags. What is gone already, or in use by now, is left. The audit log tells
// of both prunes of a deploy after the tag latest.
func (w *worker) prune(ctx context.Context, h Host, s plan.Step) error {
	var g errgroup.Group
	for _, c := range s.Prune.Containers {
		g.Go(func() error { return gone(h.Docker().Remove(ctx, c.ID, docker.RemoveOptions{})) })
	}
	if s.Prune.Dangling {
		g.Go(func() error {
			_, err := h.Docker().PruneDangling(ctx, "service="+w.engine.Config.Service)
			return err
		})
	}
	for _, tag := range s.Prune.Tags {
		g.Go(func() error {
			_, err := h.Docker().RemoveImage(ctx, tag)
			return gone(err)
		})
	}
	return g.Wait()
}

// gone takes an object that is not there, or that something needs, for removed.
func gone(err error) error {
	if docker.IsNotFound(err) || docker.IsConflict(err) {
		return nil
	}
	return err
}
