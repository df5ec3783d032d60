package image

import (
	"context"
	"errors"
	"fmt"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/docker"
)

// at runs f with the builder's machine.
func (m *Maker) at(ctx context.Context, f func(Machine) error) error {
	if err := m.Check(); err != nil {
		return err
	}
	machine, err := m.Dial(ctx)
	if err != nil {
		return &BuilderError{err}
	}
	defer machine.Close() //nolint:errcheck // f's own result counts
	if err := f(machine); err != nil {
		return &BuilderError{err}
	}
	return nil
}

// Create makes the builder, unless there is one, and tells about it.
func (m *Maker) Create(ctx context.Context, tell Say) error {
	return m.at(ctx, func(machine Machine) error {
		b, err := m.builder(ctx, machine, tell)
		if err != nil {
			return err
		}
		defer b.Close() //nolint:errcheck // nothing was built
		v, err := b.Version(ctx)
		if err == nil {
			tell("builder: BuildKit %s answers%s", orNot(v), on(machine.Name))
		}
		return err
	})
}

// Remove removes our builder with its cache. One of buildx's is left: its
// records are on the machine that made it.
func (m *Maker) Remove(ctx context.Context, tell Say) error {
	return m.at(ctx, func(machine Machine) error {
		own := build.OwnContainer(m.Config.Extension.BuilderImage)
		f, err := m.containers(ctx, machine, own)
		if err != nil {
			return err
		}
		if f.own != nil {
			err = machine.Docker.Remove(ctx, f.own.ID, docker.RemoveOptions{Force: true, Volumes: true})
		}
		if err = errors.Join(err, machine.Docker.RemoveVolume(ctx, own.Name)); err != nil {
			return err
		}
		if f.own != nil {
			tell("removed %s%s with its cache", own.Name, on(machine.Name))
		} else {
			tell("there is no %s%s", own.Name, on(machine.Name))
		}
		if f.buildx != nil {
			tell("%s is left: `docker buildx rm` removes it where it was made", f.buildx.Name)
		}
		return nil
	})
}

// Reach asks the builder's engine for its version and changes nothing.
func (m *Maker) Reach(ctx context.Context) (string, error) {
	var text string
	err := m.at(ctx, func(machine Machine) error {
		v, err := machine.Docker.Ping(ctx)
		text = fmt.Sprintf("engine %s (%s) on %s", v.Version, v.Arch, where(machine))
		return err
	})
	return text, err
}

func where(machine Machine) string {
	if machine.Name == "" {
		return "this machine"
	}
	return machine.Name
}

// Details tells what builds.
func (m *Maker) Details(ctx context.Context, tell Say) error {
	return m.at(ctx, func(machine Machine) error {
		engine, err := machine.Docker.Ping(ctx)
		if err != nil {
			return err
		}
		tell("driver:   %s\nmachine:  %s, Docker %s", m.Config.Builder.Driver, where(machine), engine.Version)
		if m.Config.Builder.Driver == "docker" {
			return nil
		}
		own := build.OwnContainer(m.Config.Extension.BuilderImage)
		f, err := m.containers(ctx, machine, own)
		if err != nil {
			return err
		}
		m.describe("buildx:   ", f.buildx, tell)
		m.describe("ours:     ", f.own, tell)
		dial := ownSocket(machine, own)
		switch {
		case f.buildx != nil && f.buildx.Running():
			dial = inContainer(machine, f.buildx.ID)
		case f.own == nil || !f.own.Running():
			tell("BuildKit: not running; the next build starts it")
			return nil
		}
		return m.version(ctx, machine, dial, tell)
	})
}

func (m *Maker) describe(label string, c *docker.Container, tell Say) {
	if c == nil {
		tell("%snone", label)
		return
	}
	tell("%s%s, %s, %s", label, c.Name, c.Image, c.Status)
}

func (m *Maker) version(ctx context.Context, machine Machine, dial build.DialFunc, tell Say) error {
	b, err := build.Daemon(ctx, dial, machine.Name)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // nothing was built
	v, err := b.Version(ctx)
	if err == nil {
		tell("BuildKit: %s", orNot(v))
	}
	return err
}

func orNot(version string) string {
	if version == "" {
		return "(it does not tell its version)"
	}
	return version
}
