package deploy

import (
	"context"
	"errors"
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// prune removes what Kamal would remove, never more: stopped containers beyond
// the newest retain_containers of the service, dangling images, and tags that no
// container of the service names. Tags that begin with latest stay, also those
// of other destinations.
func (w *worker) prune(ctx context.Context, h Host) error {
	return w.engine.Prune(ctx, h, true, true, 0)
}

// Prune removes old containers and images of the service on one host; retain 0
// means the configuration's.
func (e *Engine) Prune(ctx context.Context, h Host, containers, images bool, retain int) error {
	if retain == 0 {
		retain = e.Config.RetainContainers
	}
	var audit []string
	if containers {
		audit = append(audit, e.auditLine("", "Pruned containers"))
		if err := e.pruneContainers(ctx, h.Docker(), retain); err != nil {
			return err
		}
	}
	if images {
		audit = append(audit, e.auditLine("", "Pruned images"))
		if err := e.pruneImages(ctx, h.Docker()); err != nil {
			return err
		}
	}
	_, err := h.Run(ctx, run.Cmd{Name: "write the audit log", Line: strings.Join(audit, " && ")})
	return err
}

func (e *Engine) pruneContainers(ctx context.Context, d *docker.Client, retain int) error {
	stopped, err := d.List(ctx, docker.ListOptions{
		All: true, Labels: []string{"service=" + e.Config.Service}, Status: []string{"created", "exited", "dead"},
	})
	if err != nil {
		return err
	}
	sort.SliceStable(stopped, func(i, j int) bool { return stopped[i].Created.After(stopped[j].Created) })
	var errs []error
	for _, c := range stopped[min(retain, len(stopped)):] {
		errs = append(errs, ignoreNotFound(d.Remove(ctx, c.ID, docker.RemoveOptions{})))
	}
	return errors.Join(errs...)
}

func (e *Engine) pruneImages(ctx context.Context, d *docker.Client) error {
	label := "service=" + e.Config.Service
	if _, err := d.PruneDangling(ctx, label); err != nil {
		return err
	}
	containers, err := d.List(ctx, docker.ListOptions{All: true, Labels: []string{label}})
	if err != nil {
		return err
	}
	images, err := d.Images(ctx, docker.ImageListOptions{Labels: []string{label}})
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, c := range containers {
		used[c.Image] = true
	}
	var errs []error
	for _, i := range images {
		for _, tag := range i.Tags {
			if used[tag] || strings.HasPrefix(tag, e.Config.Repository()+":latest") {
				continue
			}
			if _, err := d.RemoveImage(ctx, tag); err != nil && !docker.IsConflict(err) && !docker.IsNotFound(err) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
