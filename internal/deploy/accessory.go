package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// accessory does one thing with an accessory on a host.
func (w *worker) accessory(ctx context.Context, h Host, s plan.Step) error {
	a := w.engine.Config.Accessory(s.Accessory.Name)
	switch s.Accessory.Do {
	case plan.AccessoryDirs:
		return w.accessoryDirs(ctx, h, a)
	case plan.AccessoryFiles:
		return w.accessoryFiles(ctx, h, a)
	case plan.AccessoryPull:
		return w.accessoryPull(ctx, h, a)
	case plan.AccessoryBoot:
		_, err := w.accessoryBoot(ctx, h, a, s.Accessory.Line)
		return err
	case plan.AccessoryReplace:
		return w.accessoryReplace(ctx, h, a, s.Accessory)
	case plan.AccessoryStart:
		return w.accessoryStart(ctx, h, a)
	case plan.AccessoryStop:
		return w.accessoryStop(ctx, h, a)
	case plan.AccessoryDropContainers:
		return w.accessoryDropContainers(ctx, h, a)
	case plan.AccessoryDropImage:
		return w.accessoryDropImage(ctx, h, a)
	case plan.AccessoryDropFiles:
		return w.accessoryDropFiles(ctx, h, a)
	}
	return fmt.Errorf("no way to %s an accessory", s.Accessory.Do)
}

func (w *worker) accessoryPull(ctx context.Context, h Host, a *config.Accessory) error {
	if err := w.held.audit(ctx, w.engine, h, "", "Pull "+a.Name+" accessory image"); err != nil {
		return err
	}
	return w.engine.pullAccessory(ctx, h, a)
}

// pullAccessory pulls with the login in the request: none is left on the host.
func (e *Engine) pullAccessory(ctx context.Context, h Host, a *config.Accessory) error {
	auth, err := e.AccessoryAuth(ctx, a)
	if err != nil {
		return err
	}
	return h.Docker().Pull(ctx, a.Image, docker.PullOptions{Auth: auth})
}

// ensureAccessory pulls an accessory's image where it is missing.
func (e *Engine) ensureAccessory(ctx context.Context, h Host, a *config.Accessory) error {
	_, err := h.Docker().ImageInspect(ctx, a.Image)
	if docker.IsNotFound(err) {
		return e.pullAccessory(ctx, h, a)
	}
	return err
}

// accessoryBoot makes a container by Kamal's own line, starts it and gives it to
// the proxy. It gives the container's id, also with an error: then the container
// runs and only the proxy did not take it. One that does not start is removed.
func (w *worker) accessoryBoot(ctx context.Context, h Host, a *config.Accessory, line string) (string, error) {
	e := w.engine
	env, err := resolve.AccessoryEnvFile(a, e.lookup(ctx))
	if err != nil {
		return "", err
	}
	if err := h.Docker().NetworkEnsure(ctx, "kamal"); err != nil {
		return "", err
	}
	if err := e.ensureAccessory(ctx, h, a); err != nil {
		return "", err
	}
	if err := h.Upload(ctx, e.app().AccessoryEnvPath(a.Name), env, 0o600); err != nil {
		return "", err
	}
	if err := w.held.audit(ctx, e, h, "", "Booted "+a.Name+" accessory"); err != nil {
		return "", err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "create " + a.Service, Line: line})
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(res.Stdout)
	if err := h.Docker().Start(ctx, id); err != nil {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		return "", errors.Join(err, gone(h.Docker().Remove(after, id, docker.RemoveOptions{Force: true})))
	}
	return id, w.route(ctx, h, a, id)
}

// accessoryReplace boots a new container under the name of the one that is there,
// which comes back when that fails.
func (w *worker) accessoryReplace(ctx context.Context, h Host, a *config.Accessory, do *plan.AccessoryDo) error {
	old, err := w.setAside(ctx, h, a, do.Containers)
	if err == nil {
		var id string
		if id, err = w.accessoryBoot(ctx, h, a, do.Line); err == nil {
			return old.remove(ctx, h)
		}
		old.booted = id
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if back := w.bringBack(after, h, a, old); back != nil {
		return fmt.Errorf("%w\nand the container from before did not come back: %w", err, back)
	}
	return fmt.Errorf("%w\nthe container from before is back", err)
}

func (w *worker) accessoryStart(ctx context.Context, h Host, a *config.Accessory) error {
	if err := w.held.audit(ctx, w.engine, h, "", "Started "+a.Name+" accessory"); err != nil {
		return err
	}
	err := h.Docker().Start(ctx, a.Service)
	if docker.IsNotFound(err) {
		return &NoAccessoryContainerError{Name: a.Name, Host: h.Name()}
	}
	if err != nil || !a.Proxied {
		return err
	}
	d, err := h.Docker().Inspect(ctx, a.Service)
	if err != nil {
		return err
	}
	return w.route(ctx, h, a, d.ID)
}

func (w *worker) accessoryStop(ctx context.Context, h Host, a *config.Accessory) error {
	if err := w.held.audit(ctx, w.engine, h, "", "Stopped "+a.Name+" accessory"); err != nil {
		return err
	}
	if err := w.unroute(ctx, h, a); err != nil {
		return err
	}
	return ignoreNotFound(h.Docker().Stop(ctx, a.Service, nil))
}

func (w *worker) accessoryDropContainers(ctx context.Context, h Host, a *config.Accessory) error {
	if err := w.held.audit(ctx, w.engine, h, "", "Remove "+a.Name+" accessory container"); err != nil {
		return err
	}
	_, err := h.Docker().PruneContainers(ctx, "service="+a.Service)
	return err
}

func (w *worker) accessoryDropImage(ctx context.Context, h Host, a *config.Accessory) error {
	if err := w.held.audit(ctx, w.engine, h, "", "Removed "+a.Name+" accessory image"); err != nil {
		return err
	}
	_, err := h.Docker().RemoveImage(ctx, a.Image)
	if docker.IsConflict(err) {
		w.engine.notice(h.Name(), a.Image+" is left: another container needs it")
	}
	return gone(err)
}

// accessoryDropFiles removes files and data, and the env file with its secrets.
func (w *worker) accessoryDropFiles(ctx context.Context, h Host, a *config.Accessory) error {
	names := resolve.Accessory(w.engine.Config, a)
	_, err := h.Run(ctx, run.Cmd{Name: "remove the files of " + a.Name, Line: names.RemoveDirLine() + " && " + names.RemoveEnvLine()})
	return err
}

// NoAccessoryContainerError is an accessory without container where there should
// be one.
type NoAccessoryContainerError struct{ Name, Host string }

func (e *NoAccessoryContainerError) Error() string {
	return fmt.Sprintf("there is no container of the accessory %s on %s", e.Name, e.Host)
}

// ExitCode is 1.
func (e *NoAccessoryContainerError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *NoAccessoryContainerError) Hints() []string {
	return []string{"`hwdeploy accessory boot " + e.Name + "` makes one"}
}
