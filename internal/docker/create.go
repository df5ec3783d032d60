package docker

import (
	"context"
	"io"
	"slices"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/strslice"
	"github.com/docker/docker/client"
	"github.com/docker/go-connections/nat"
)

// CreateOptions describe one of our own throw-away containers: a builder, or
// one that is never started and only read by CopyFrom. The application's
// containers are created by a shell line on the host, never here.
type CreateOptions struct {
	Name       string // "" = the engine chooses
	Image      string
	Entrypoint []string // nil = the image's
	Cmd        []string // nil = the image's
	Env        []string
	Labels     map[string]string
	Binds      []string // "volume-or-path:/inside[:ro]"
	Network    string   // "host", a name; "" = the engine's default
	Publish    []string // "127.0.0.1:5555:5000"
	Restart    string   // "", "unless-stopped" …
	Privileged bool
	CapAdd     []string
	CapDrop    []string
	Security   []string // "seccomp=unconfined" …
	CgroupNS   string   // "host", "private"; "" = the engine's default
	Devices    []string // cgroup rules: "a *:* rwm"
}

// unmasked is an option that only docker's CLI knows: it sends two empty lists.
const unmasked = "systempaths=unconfined"

// Create creates a container and gives its id. IsConflict: the name is taken;
// IsNotFound: the image is not there.
func (c *Client) Create(ctx context.Context, o CreateOptions) (string, error) {
	var id string
	err := c.do(ctx, "create container "+o.Name+" from "+o.Image, func(api *client.Client) error {
		cfg := &container.Config{
			Image: o.Image, Entrypoint: strslice.StrSlice(o.Entrypoint), Cmd: strslice.StrSlice(o.Cmd),
			Env: o.Env, Labels: o.Labels,
		}
		exposed, ports, err := nat.ParsePortSpecs(o.Publish)
		if err != nil {
			return err
		}
		cfg.ExposedPorts = exposed
		host := &container.HostConfig{
			Binds: o.Binds, PortBindings: ports, NetworkMode: container.NetworkMode(o.Network),
			RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyMode(o.Restart)},
			Privileged:    o.Privileged, CapAdd: o.CapAdd, CapDrop: o.CapDrop, SecurityOpt: o.Security,
			CgroupnsMode: container.CgroupnsMode(o.CgroupNS),
			Resources:    container.Resources{DeviceCgroupRules: o.Devices},
		}
		if i := slices.Index(host.SecurityOpt, unmasked); i >= 0 {
			host.SecurityOpt = slices.Delete(slices.Clone(host.SecurityOpt), i, i+1)
			host.MaskedPaths, host.ReadonlyPaths = []string{}, []string{}
		}
		r, err := api.ContainerCreate(ctx, cfg, host, nil, nil, o.Name)
		id = r.ID
		return err
	})
	return id, err
}

// CopyFrom gives a tar stream of a file or folder inside a container, which
// need not run or have run. The caller closes it. IsNotFound: no such container
// or path. A symbolic link is not followed, unless path ends in "/.".
func (c *Client) CopyFrom(ctx context.Context, id, path string) (io.ReadCloser, error) {
	var r io.ReadCloser
	err := c.do(ctx, "copy "+path+" from container "+id, func(api *client.Client) error {
		body, _, err := api.CopyFromContainer(ctx, id, path)
		r = body
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Stat looks whether there is such a path inside a container. IsNotFound: there
// is none, or no such container.
func (c *Client) Stat(ctx context.Context, id, path string) error {
	return c.do(ctx, "look at "+path+" in container "+id, func(api *client.Client) error {
		_, err := api.ContainerStatPath(ctx, id, path)
		return err
	})
}

// RemoveVolume removes a volume with all that is in it; one that is not there is
// gone already.
func (c *Client) RemoveVolume(ctx context.Context, name string) error {
	return c.do(ctx, "remove volume "+name, func(api *client.Client) error {
		if err := api.VolumeRemove(ctx, name, false); !IsNotFound(err) {
			return err
		}
		return nil
	})
}

// NetworkEnsure creates a bridge network unless there is one of that name.
func (c *Client) NetworkEnsure(ctx context.Context, name string) error {
	return c.do(ctx, "create network "+name, func(api *client.Client) error {
		_, err := api.NetworkCreate(ctx, name, network.CreateOptions{})
		if IsConflict(err) {
			return nil
		}
		return err
	})
}
