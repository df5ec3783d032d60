package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/registry"
)

// ImageBuilder is the Builder of a configuration: BuildKit on the remote builder
// (or this machine's engine), over one connection, then the push.
type ImageBuilder struct {
	Config *config.Config
	// Dial gives the builder's engine: that of builder.remote, or this machine's.
	Dial func(ctx context.Context) (Engines, error)
	// Source gives the folder to build: a clone of HEAD, or the working tree.
	Source  func(ctx context.Context) (dir string, err error)
	Secrets Secrets
	// Registry gives the registry's client and the credentials that base images
	// are asked with, too.
	Registry func(ctx context.Context) (RegistryAccess, error)
}

// RegistryAccess is the registry's client and the credentials behind it.
type RegistryAccess struct {
	Client   *registry.Client
	Username string
	Password secret.Secret
}

// Engines is the builder's machine.
type Engines struct {
	Name   string
	Docker *docker.Client
	Close  func() error
}

// Build builds, tags V and latest, pushes both, and gives V's digest.
func (b *ImageBuilder) Build(ctx context.Context, o BuildOptions, progress func(string)) (string, error) {
	access, err := b.Registry(ctx)
	if err != nil {
		return "", err
	}
	if err := access.Client.CheckPush(ctx, b.Config.Repository()); err != nil {
		return "", err
	}
	machine, err := b.Dial(ctx)
	if err != nil {
		return "", fmt.Errorf("builder: %w", err)
	}
	defer machine.Close() //nolint:errcheck // the build's own result counts
	request, err := b.request(ctx, o, access, progress)
	if err != nil {
		return "", err
	}
	if driver := b.Config.Builder.Driver; driver != "docker" {
		progress(fmt.Sprintf("builder/driver %s: built with the BuildKit inside the engine, which is what driver docker means", driver))
	}
	builder, err := build.Engine(ctx, machine.Docker.Hijack, machine.Name)
	if err != nil {
		return "", err
	}
	defer builder.Close() //nolint:errcheck // likewise
	if _, err := builder.Build(ctx, request); err != nil {
		return "", err
	}
	return b.push(ctx, machine, access, request.Output.Names[0], progress)
}

// push lets the engine push, then checks the label that hosts look for and moves
// latest at the registry.
func (b *ImageBuilder) push(ctx context.Context, machine Engines, access RegistryAccess, name string, progress func(string)) (string, error) {
	auth, err := access.Client.EncodedAuth()
	if err != nil {
		return "", err
	}
	progress("push " + name)
	pushed, err := machine.Docker.Push(ctx, name, docker.PushOptions{Auth: auth})
	if err != nil {
		return "", err
	}
	ref := b.Config.Repository() + "@" + pushed.Digest
	if _, err := access.Client.CheckService(ctx, ref, b.Config.Service); err != nil {
		return "", err
	}
	return pushed.Digest, access.Client.Tag(ctx, ref, b.Config.LatestTag())
}

func (b *ImageBuilder) request(ctx context.Context, o BuildOptions, access RegistryAccess, progress func(string)) (build.Request, error) {
	c := b.Config.Builder
	dir, err := b.Source(ctx)
	if err != nil {
		return build.Request{}, err
	}
	secrets := map[string]secret.Secret{}
	for _, s := range c.Secrets {
		if secrets[s.Value], err = b.Secrets.Lookup(ctx, s.Value); err != nil {
			return build.Request{}, err
		}
	}
	r := build.Request{
		Dir: dir, Context: c.Context, Dockerfile: c.Dockerfile, Target: c.Target,
		Args: buildArgs(c.Args), Labels: map[string]string{"service": b.Config.Service},
		Secrets: secrets, Provenance: c.Provenance, NoCache: o.NoCache,
		SharedKey: b.Config.Service + "@" + c.Remote,
		Auth:      func(host string) (string, secret.Secret) { return b.auth(host, access) },
		Output:    build.Output{Names: []string{b.Config.Repository() + ":" + o.Version, b.Config.Repository() + ":" + b.Config.LatestTag()}},
		Progress:  func(u build.Update) { tell(u, progress) },
	}
	for _, arch := range c.Arches {
		r.Platforms = append(r.Platforms, "linux/"+arch)
	}
	return r, nil
}

func (b *ImageBuilder) auth(host string, access RegistryAccess) (string, secret.Secret) {
	server := b.Config.Registry.Server
	if host == server || (server == "" && strings.HasSuffix(host, "docker.io")) {
		return access.Username, access.Password
	}
	return "", secret.Secret{}
}

func buildArgs(pairs []config.Pair) []build.Arg {
	var out []build.Arg
	for _, p := range pairs {
		out = append(out, build.Arg{Name: p.Key, Value: p.Value.Text()})
	}
	return out
}

// tell turns an update into lines.
func tell(u build.Update, progress func(string)) {
	switch u.Kind {
	case build.KindStarted:
		progress(u.Name)
	case build.KindOutput, build.KindWarning:
		for line := range strings.Lines(u.Text) {
			progress("  " + strings.TrimRight(line, "\r\n"))
		}
	case build.KindFailed:
		progress("failed: " + u.Name)
	}
}
