package deploy

import (
	"context"
	"errors"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// aside are an accessory's containers while a new one is tried in their place.
type aside struct {
	moved   []plan.Ref      // under another name by now
	running map[string]bool // id → ran before
	booted  string          // the new container, if it came so far
}

// setAside stops the containers and moves them out of the way of the new one's
// name. What was done is given also with an error.
func (w *worker) setAside(ctx context.Context, h Host, a *config.Accessory, there []plan.Ref) (*aside, error) {
	old := &aside{running: map[string]bool{}}
	for _, text := range []string{"Stopped " + a.Name + " accessory", "Remove " + a.Name + " accessory container"} {
		if err := w.held.audit(ctx, w.engine, h, "", text); err != nil {
			return old, err
		}
	}
	for _, c := range there {
		d, err := h.Docker().Inspect(ctx, c.ID)
		if err != nil {
			return old, err
		}
		old.running[c.ID] = d.State.Running
		old.moved = append(old.moved, c)
		if err := h.Docker().Stop(ctx, c.ID, nil); err != nil {
			return old, err
		}
		if err := h.Docker().Rename(ctx, c.ID, kamal.Replaced(c.Name, plan.Nonce(w.engine.RunID, 16, h.Name(), c.Name))); err != nil {
			return old, err
		}
	}
	return old, nil
}

// remove drops them for good.
func (o *aside) remove(ctx context.Context, h Host) error {
	var errs []error
	for _, c := range o.moved {
		errs = append(errs, gone(h.Docker().Remove(ctx, c.ID, docker.RemoveOptions{})))
	}
	return errors.Join(errs...)
}

// bringBack puts them back in the place of the new container.
func (w *worker) bringBack(ctx context.Context, h Host, a *config.Accessory, o *aside) error {
	var errs []error
	if o.booted != "" {
		errs = append(errs, gone(h.Docker().Remove(ctx, o.booted, docker.RemoveOptions{Force: true})))
	}
	for _, c := range o.moved {
		d, err := h.Docker().Inspect(ctx, c.ID)
		if err == nil && d.Name != c.Name {
			err = h.Docker().Rename(ctx, c.ID, c.Name)
		}
		if err == nil && o.running[c.ID] {
			if err = h.Docker().Start(ctx, c.ID); err == nil && c.Name == a.Service {
				err = w.route(ctx, h, a, c.ID)
			}
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
