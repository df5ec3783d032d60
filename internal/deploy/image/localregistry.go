package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/docker"
)

// Kamal's local registry: a container on the operator's machine, which hosts
// reach through their SSH connections.
//
// Source: https://kamal-deploy.org/docs/configuration/docker-registry/ (local)
const (
	registryContainer = "kamal-docker-registry"
	registryImage     = "registry:3"
)

// StartRegistry makes the local registry run, unless something answers at its
// address already.
func (m *Maker) StartRegistry(ctx context.Context) error {
	access, err := m.Registry(ctx)
	if err != nil {
		return err
	}
	if access.Client.Login(ctx) == nil {
		return nil
	}
	if err := m.atHome(ctx, func(here Machine) error { return m.runRegistry(ctx, here) }); err != nil {
		return fmt.Errorf("local registry %s: %w", m.Config.Registry.LocalAddress(), err)
	}
	return answers(ctx, access.Client.Login)
}

func (m *Maker) runRegistry(ctx context.Context, here Machine) error {
	err := here.Docker.Start(ctx, registryContainer)
	if !docker.IsNotFound(err) {
		return err
	}
	o := docker.CreateOptions{Name: registryContainer, Image: registryImage, Publish: []string{m.Config.Registry.LocalAddress() + ":5000"}}
	id, err := here.Docker.Create(ctx, o)
	if docker.IsNotFound(err) {
		if err = here.Docker.Pull(ctx, registryImage, docker.PullOptions{}); err == nil {
			id, err = here.Docker.Create(ctx, o)
		}
	}
	if err != nil {
		return err
	}
	return here.Docker.Start(ctx, id)
}

// answers waits until a registry that has just been started takes requests.
func answers(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// StopRegistry removes the local registry; none is success.
func (m *Maker) StopRegistry(ctx context.Context) error {
	return m.atHome(ctx, func(here Machine) error {
		if err := here.Docker.Stop(ctx, registryContainer, nil); err != nil && !docker.IsNotFound(err) {
			return err
		}
		if err := here.Docker.Remove(ctx, registryContainer, docker.RemoveOptions{}); err != nil && !docker.IsNotFound(err) {
			return err
		}
		return nil
	})
}

func (m *Maker) atHome(ctx context.Context, f func(Machine) error) error {
	here, err := m.Here(ctx)
	if err != nil {
		return err
	}
	defer here.Close() //nolint:errcheck // f's own result counts
	if _, err := here.Docker.Ping(ctx); err != nil {
		return &NoEngineError{err}
	}
	return f(here)
}

// forward lets a builder elsewhere reach the local registry.
func (m *Maker) forward(ctx context.Context, machine Machine) (stop func(), err error) {
	if m.Config.Registry.LocalAddress() == "" || machine.Listen == nil {
		return func() {}, nil
	}
	return Forward(ctx, machine.Listen, m.Config.Registry.LocalAddress())
}

// ListenFunc makes a host listen.
type ListenFunc func(ctx context.Context, address string) (net.Listener, error)

// Forward makes an address of a host lead to the same one here, until stop.
func Forward(ctx context.Context, listen ListenFunc, address string) (stop func(), err error) {
	l, err := listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("forward %s to the local registry: %w", address, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			far, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { join(ctx, far, address) })
		}
	})
	return func() {
		cancel()
		l.Close() //nolint:errcheck // it ends with the connection at the latest
		wg.Wait()
	}, nil
}

// join moves bytes both ways until either side or ctx ends.
func join(ctx context.Context, far net.Conn, address string) {
	var d net.Dialer
	near, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		far.Close() //nolint:errcheck // the far side sees the end
		return
	}
	end := func() { far.Close(); near.Close() } //nolint:errcheck // likewise
	stop := context.AfterFunc(ctx, end)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { copyTo(near, far) })
	copyTo(far, near)
	wg.Wait()
	end()
}

func copyTo(to, from net.Conn) {
	_, err := io.Copy(to, from)
	half, ok := to.(interface{ CloseWrite() error })
	if err != nil || !ok || half.CloseWrite() != nil {
		errors.Join(to.Close(), from.Close()) //nolint:errcheck // broken anyway
	}
}
