package deploy

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// pruneContainers removes those that the plan lists, and dangling images of the
// service beside it. What is gone already, or in use by now, is left.
func (w *worker) pruneContainers(ctx context.Context, h Host, s plan.Step) error {
	var g errgroup.Group
	for _, c := range s.Prune.Containers {
		g.Go(func() error { return gone(h.Docker().Remove(ctx, c.ID, docker.RemoveOptions{})) })
	}
	g.Go(func() error {
		_, err := h.Docker().PruneDangling(ctx, "service="+w.engine.Config.Service)
		return err
	})
	return g.Wait()
}

// pruneImages removes the tags that the plan lists. The audit log tells of both
// prunes here, after the tag latest.
func (w *worker) pruneImages(ctx context.Context, h Host, s plan.Step) error {
	for _, text := range []string{"Pruned containers", "Pruned images"} {
		if err := w.held.audit(ctx, w.engine, h, "", text); err != nil {
			return err
		}
	}
	var g errgroup.Group
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
