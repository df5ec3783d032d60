// Package image brings the image of a version into the registry: it finds or
// makes the builder, builds there, and pushes what the registry lacks.
//
// Laws:
//   - nothing is built that is there: a tag made of all inputs (hw-…) beside the
//     version proves it, a version alone does not;
//   - the registry gets blobs, then manifests, then names: until the service label
//     of what was pushed is checked, only its digest names it;
//   - the digest that was pushed is what hosts pull;
//   - credentials reach a builder as short-lived tokens, or not at all.
//
// Sources: https://github.com/docker/buildx (names of builders and of their
// containers), https://github.com/basecamp/kamal (names of its builders),
// https://docs.docker.com/reference/api/engine/.
package image

import (
	"context"
	"fmt"
	"net"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/registry"
)

// Maker makes the images of one configuration.
type Maker struct {
	Config *config.Config
	// Dial gives the builder's machine: that of builder.remote, or this one.
	Dial func(ctx context.Context) (Machine, error)
	// Here gives this machine.
	Here     func(ctx context.Context) (Machine, error)
	Dir      string // the project
	Checkout Checkout
	// Secret looks a secret up by name.
	Secret func(ctx context.Context, name string) (secret.Secret, error)
	// Registry gives the registry's client and the credentials behind it.
	Registry func(ctx context.Context) (Access, error)
	// Stored gives credentials that docker keeps for another registry host, for
	// base images; empty = anonymous. nil = none are kept.
	Stored func(host string) (username string, password secret.Secret)
	Env    func(name string) string // SSH_AUTH_SOCK, and what builder/ssh and builder/args name
}

// Access is the registry's client and the credentials behind it.
type Access struct {
	Client   *registry.Client
	Username string
	Password secret.Secret
}

// Machine is one that builds.
type Machine struct {
	Name   string // "" = this machine
	Docker *docker.Client
	// Dial opens a unix socket on it.
	Dial func(ctx context.Context, socket string) (net.Conn, error)
	// Listen makes it listen and hands connections over; nil = it is this machine.
	Listen ListenFunc
	Close  func() error
}

// Options are what a command line asks of a build.
type Options struct {
	Version string
	NoCache bool // without the builder's cache
	Force   bool // also when the same image is in the registry
	// Emit gets output, progress and notices, without the name of a step.
	Emit func(event.Event)
}

// Made is an image in the registry.
type Made struct {
	Digest    string   // of its manifest or index
	Platforms []string // "linux/amd64"
	Note      string   // "" or why nothing was built
}

// Of is what the registry says of an image.
func Of(digest string, list []registry.Image) Made {
	m := Made{Digest: digest}
	for _, i := range list {
		m.Platforms = append(m.Platforms, i.Platform)
	}
	return m
}

// Make builds and pushes REPO:V, unless the registry has just that.
func (m *Maker) Make(ctx context.Context, o Options) (Made, error) {
	if err := m.Check(); err != nil {
		return Made{}, err
	}
	access, err := m.Registry(ctx)
	if err != nil {
		return Made{}, err
	}
	request, err := m.request(ctx, access, o)
	if err != nil {
		return Made{}, err
	}
	j := &job{Maker: m, o: o, access: access, request: request}
	if j.key, err = j.inputs(ctx); err != nil {
		return Made{}, err
	}
	if made, err := j.there(ctx); err != nil || made.Digest != "" {
		made.Note = "the registry has it, built from the same commit, arguments and secrets"
		return made, err
	}
	p, err := j.prepare(ctx)
	if err != nil {
		return Made{}, err
	}
	defer p.close()
	digest, err := j.deliver(ctx, p.machine, p.builder)
	if err != nil {
		return Made{}, explain(err)
	}
	return j.name(ctx, digest)
}

// job is one build under way.
type job struct {
	*Maker
	o       Options
	access  Access
	request build.Request
	key     string // "" = nothing stands for the inputs
	built   bool
}

// name checks the label that hosts look for, then gives what was pushed its
// tags: version, key, and latest last.
func (j *job) name(ctx context.Context, digest string) (Made, error) {
	ref := j.Config.Repository() + "@" + digest
	list, err := j.access.Client.CheckService(ctx, ref, j.Config.Service)
	if err != nil {
		return Made{}, err
	}
	tags := []string{j.o.Version}
	if j.key != "" {
		tags = append(tags, j.key)
	}
	return Of(digest, list), j.access.Client.Tag(ctx, ref, append(tags, j.Config.LatestTag())...)
}

func (j *job) say(format string, args ...any) {
	j.o.Emit(event.Event{Type: event.StepOutput, Output: &event.Output{Stream: "stdout", Text: fmt.Sprintf(format, args...)}})
}
