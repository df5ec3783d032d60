package docker

import (
	"context"
	"errors"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
)

// do settles the client and runs one call whose answer is only an error.
func (c *Client) do(ctx context.Context, op string, call func(*client.Client) error) error {
	api, err := c.use(ctx)
	if err == nil {
		err = call(api)
	}
	return c.fail(op, err)
}

// Start starts a created or stopped container; one that runs is left alone.
func (c *Client) Start(ctx context.Context, id string) error {
	return c.do(ctx, "start container "+id, func(api *client.Client) error {
		return api.ContainerStart(ctx, id, container.StartOptions{})
	})
}

// Stop asks the main process to end and kills it after timeout seconds; nil is
// the container's own default (10 s unless created otherwise). It answers once
// the process is gone: ctx must outlast the timeout. A stopped one is left alone.
func (c *Client) Stop(ctx context.Context, id string, timeout *int) error {
	return c.do(ctx, "stop container "+id, func(api *client.Client) error {
		return api.ContainerStop(ctx, id, container.StopOptions{Timeout: timeout})
	})
}

// Rename gives a container another name. IsConflict: the name is taken.
func (c *Client) Rename(ctx context.Context, id, name string) error {
	return c.do(ctx, "rename container "+id+" to "+name, func(api *client.Client) error {
		return api.ContainerRename(ctx, id, name)
	})
}

// RemoveOptions say how a container is removed.
type RemoveOptions struct {
	Force   bool // kill it if it runs; without, a running one is a conflict
	Volumes bool // its anonymous volumes too
}

// Remove removes a container.
func (c *Client) Remove(ctx context.Context, id string, o RemoveOptions) error {
	return c.do(ctx, "remove container "+id, func(api *client.Client) error {
		return api.ContainerRemove(ctx, id, container.RemoveOptions{Force: o.Force, RemoveVolumes: o.Volumes})
	})
}

// PruneContainers removes the stopped containers that carry all of these
// labels, and gives their ids. No labels is an error: it would mean all.
func (c *Client) PruneContainers(ctx context.Context, labels ...string) ([]string, error) {
	var gone []string
	err := c.do(ctx, "prune containers", func(api *client.Client) error {
		if len(labels) == 0 {
			return errNoLabel
		}
		f := filters.NewArgs()
		add(f, "label", labels)
		report, err := api.ContainersPrune(ctx, f)
		gone = report.ContainersDeleted
		return err
	})
	return gone, err
}

var errNoLabel = errors.New("no label given: everything would be pruned")

// Wait waits until a container does not run and gives its exit code. One that
// was never started answers at once with 0.
func (c *Client) Wait(ctx context.Context, id string) (int, error) {
	code := 0
	err := c.do(ctx, "wait for container "+id, func(api *client.Client) error {
		results, errs := api.ContainerWait(ctx, id, container.WaitConditionNotRunning)
		select {
		case r := <-results:
			code = int(r.StatusCode)
			if r.Error != nil && r.Error.Message != "" {
				return errors.New(r.Error.Message)
			}
			return nil
		case err := <-errs:
			return err
		}
	})
	return code, err
}
