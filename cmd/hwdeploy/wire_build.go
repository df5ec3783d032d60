package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/registry"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// maker makes the images of a configuration.
func (w *world) maker(cfg *config.Config, box secrets, reg *lazyRegistry) *image.Maker {
	return &image.Maker{
		Config: cfg, Dir: w.Dir, Checkout: sources{w.repo(), w.head, cfg.Service, w.tmp()}, Secret: box.Lookup,
		Registry: reg.open, Stored: registry.Stored, Env: func(name string) string { return lookup(cfg.Environ, name) },
		Here: func(context.Context) (image.Machine, error) { return localEngine(w.env("DOCKER_HOST")) },
		Dial: func(ctx context.Context) (image.Machine, error) { return w.dialBuilder(ctx, cfg) },
	}
}

func (w *world) tmp() string {
	if dir := w.env("TMPDIR"); dir != "" {
		return dir
	}
	return os.TempDir()
}

// sources adapts a repository to what an image is made of.
type sources struct {
	*git.Repo
	head         func(context.Context) (string, error)
	service, tmp string
}

// Revision is empty without a checkout, or without git.
func (s sources) Revision(ctx context.Context) (string, error) {
	rev, err := s.head(ctx)
	var none *git.NotRepoError
	if errors.As(err, &none) || errors.Is(err, git.ErrNoGit) {
		return "", nil
	}
	return rev, err
}

func (s sources) Changed(ctx context.Context) (bool, error) {
	changes, err := s.Status(ctx)
	return len(changes) > 0, err
}

func (s sources) Clone(ctx context.Context) (string, error) {
	rev, err := s.head(ctx)
	if err != nil {
		return "", err
	}
	c, err := s.Repo.Clone(ctx, s.service, s.tmp, rev)
	return c.Dir, err
}

// dialBuilder reaches the engine that builds: builder.remote by ssh, with the
// whole of ssh_config as docker does, or this machine's.
func (w *world) dialBuilder(ctx context.Context, cfg *config.Config) (image.Machine, error) {
	if cfg.Builder.Remote == "" {
		return localEngine(w.env("DOCKER_HOST"))
	}
	u, err := url.Parse(cfg.Builder.Remote)
	if err != nil || u.Scheme != "ssh" {
		return image.Machine{}, fmt.Errorf("builder/remote: %q is no ssh:// address", cfg.Builder.Remote)
	}
	o := w.baseOptions(cfg)
	o.WholeConfig = true
	for _, k := range cfg.SSH.Keys {
		o.Keys = append(o.Keys, w.path(k))
	}
	d := sshexec.New(o)
	address := u.Host
	if u.User != nil {
		address = u.User.Username() + "@" + address
	}
	c, err := d.Dial(ctx, address)
	if err != nil {
		return image.Machine{}, err
	}
	engine := docker.New(c.DialDockerEarly, docker.Options{Host: u.Hostname()})
	return image.Machine{Name: u.Hostname(), Docker: engine, Dial: c.DialUnix, Listen: c.ListenTCP, Close: func() error { engine.Close(); return d.Close() }}, nil
}

func localEngine(at string) (image.Machine, error) {
	path := "/var/run/docker.sock"
	if at != "" {
		u, err := url.Parse(at)
		if err != nil || u.Scheme != "unix" {
			return image.Machine{}, fmt.Errorf("DOCKER_HOST=%s: only unix:// is served; for another machine set builder/remote", at)
		}
		path = u.Path
	}
	var d net.Dialer
	dial := func(ctx context.Context, socket string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) }
	engine := docker.New(func(ctx context.Context) (net.Conn, error) { return dial(ctx, path) }, docker.Options{})
	return image.Machine{Docker: engine, Dial: dial, Close: func() error { engine.Close(); return nil }}, nil
}
