package image

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// startLimit is how long a BuildKit daemon may take from its start to its first
// answer.
const startLimit = 30 * time.Second

// Say takes lines for the user.
type Say = func(format string, args ...any)

// builder gives the BuildKit of a machine: the engine's own with the driver
// docker, else buildx's running container of this configuration, else ours,
// which is made when it is missing. An engine that can't get the image of the
// latter builds by itself.
func (m *Maker) builder(ctx context.Context, machine Machine, tell Say) (*build.Builder, error) {
	if m.Config.Builder.Driver == "docker" {
		return build.Engine(ctx, machine.Docker.Hijack, machine.Name)
	}
	own := build.OwnContainer(m.Config.Extension.BuilderImage)
	found, err := m.containers(ctx, machine, own)
	if err != nil {
		return nil, err
	}
	if found.buildx != nil && found.buildx.Running() {
		tell("builder: buildx's container %s%s", found.buildx.Name, on(machine.Name))
		return build.Daemon(ctx, inContainer(machine, found.buildx.ID), machine.Name)
	}
	started, err := m.ensure(ctx, machine, own, found.own, tell)
	var missing *noImageError
	if errors.As(err, &missing) {
		tell("builder: the one inside the engine%s, since it can't get %s: %v", on(machine.Name), own.Image, missing.err)
		tell("  x-hwdeploy.builder_image names a BuildKit image that it can get; driver: docker is for engines without")
		return build.Engine(ctx, machine.Docker.Hijack, machine.Name)
	}
	if err != nil {
		return nil, err
	}
	b, err := build.Daemon(ctx, ownSocket(machine, own), machine.Name)
	if err != nil || !started {
		return b, err
	}
	ready, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := b.Ready(ready); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func on(name string) string {
	if name == "" {
		return ""
	}
	return " on " + name
}

// found are the containers that may build; nil = there is none.
type found struct{ buildx, own *docker.Container }

// containers looks for both in one question.
func (m *Maker) containers(ctx context.Context, machine Machine, own build.Container) (found, error) {
	_, name := resolve.Builder(m.Config, runtime.GOARCH)
	if m.Config.Builder.Remote != "" {
		name = resolve.RemoteName(m.Config)
	}
	buildx := build.BuildxContainer(name)
	list, err := machine.Docker.List(ctx, docker.ListOptions{All: true, Names: []string{exactly(buildx), exactly(own.Name)}})
	var f found
	for i := range list {
		switch list[i].Name {
		case buildx:
			f.buildx = &list[i]
		case own.Name:
			f.own = &list[i]
		}
	}
	return f, err
}

func exactly(name string) string { return "^/?" + regexp.QuoteMeta(name) + "$" }

// inContainer reaches a daemon by a command in its container.
func inContainer(machine Machine, id string) build.DialFunc {
	return func(ctx context.Context) (net.Conn, error) {
		return machine.Docker.ExecConn(ctx, id, docker.ExecOptions{Argv: build.DialStdio()})
	}
}

// ownSocket reaches our daemon by its socket, which is one round trip, else
// (users who may not open it) by a command in its container.
func ownSocket(machine Machine, own build.Container) build.DialFunc {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := machine.Dial(ctx, own.Socket)
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		conn, again := inContainer(machine, own.Name)(ctx)
		if again != nil {
			return nil, errors.Join(err, again)
		}
		return conn, nil
	}
}

// ensure makes our container run, with the image that is configured, and tells
// whether it was started just now. Its cache is in a volume and stays.
func (m *Maker) ensure(ctx context.Context, machine Machine, own build.Container, c *docker.Container, tell Say) (started bool, err error) {
	if c != nil && c.Labels[build.ImageLabel] != own.Image {
		tell("builder: %s%s is made anew from %s; its cache stays", own.Name, on(machine.Name), own.Image)
		if err := machine.Docker.Remove(ctx, c.ID, docker.RemoveOptions{Force: true}); err != nil {
			return false, err
		}
		c = nil
	}
	if c != nil && c.Running() {
		return false, nil
	}
	if c != nil {
		return true, machine.Docker.Start(ctx, c.ID)
	}
	tell("builder: %s%s from %s", own.Name, on(machine.Name), own.Image)
	return true, run(ctx, machine, own)
}

// run creates and starts a container; where the machine refuses a privileged
// one, with all the same rights one by one.
func run(ctx context.Context, machine Machine, own build.Container) error {
	id, err := create(ctx, machine, own)
	if err != nil {
		return err
	}
	err = machine.Docker.Start(ctx, id)
	if err == nil || !own.Privileged || !strings.Contains(err.Error(), "operation not permitted") {
		return err
	}
	if rerr := machine.Docker.Remove(ctx, id, docker.RemoveOptions{Force: true}); rerr != nil {
		return errors.Join(err, rerr)
	}
	return run(ctx, machine, own.Unprivileged())
}

func create(ctx context.Context, machine Machine, c build.Container) (string, error) {
	o := docker.CreateOptions{
		Name: c.Name, Image: c.Image, Cmd: c.Cmd, Binds: c.Binds, Labels: c.Labels, Restart: c.Restart, Privileged: c.Privileged,
		CapAdd: c.CapAdd, CapDrop: c.CapDrop, Security: c.Security, Devices: c.Devices, CgroupNS: c.CgroupNS,
	}
	id, err := machine.Docker.Create(ctx, o)
	if !docker.IsNotFound(err) {
		return id, err
	}
	if err := machine.Docker.Pull(ctx, c.Image, docker.PullOptions{}); err != nil {
		return "", &noImageError{err}
	}
	return machine.Docker.Create(ctx, o)
}

// noImageError is a builder's image that an engine can't get.
type noImageError struct{ err error }

func (e *noImageError) Error() string { return fmt.Sprintf("the builder's image: %v", e.err) }
func (e *noImageError) Unwrap() error { return e.err }
