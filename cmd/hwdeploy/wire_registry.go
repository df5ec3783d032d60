package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/registry"
)

// lazyRegistry makes its client at the first question: only then are the
// credentials looked up.
type lazyRegistry struct {
	world   *world
	cfg     *config.Config
	secrets secrets

	once   sync.Once
	access image.Access
	auth   secret.Secret
	err    error
}

func (r *lazyRegistry) open(ctx context.Context) (image.Access, error) {
	r.once.Do(func() { r.access, r.err = r.make(ctx) })
	return r.access, r.err
}

func (r *lazyRegistry) client(ctx context.Context) (*registry.Client, error) {
	a, err := r.open(ctx)
	return a.Client, err
}

func (r *lazyRegistry) make(ctx context.Context) (image.Access, error) {
	a, err := r.accessTo(ctx, r.cfg.Registry)
	if err == nil {
		r.auth, err = a.Client.EncodedAuth()
	}
	return a, err
}

// accessTo makes the client of a registry section.
func (r *lazyRegistry) accessTo(ctx context.Context, section config.Registry) (image.Access, error) {
	none := image.Access{}
	user, err := r.credential(ctx, section.Username)
	if err != nil {
		return none, err
	}
	password, err := r.credential(ctx, section.Password)
	if err != nil {
		return none, err
	}
	r.world.Redactor.Add(password.Reveal())
	c, err := registry.New(registry.Options{
		Server: section.Server, Username: user.Reveal(), Password: password,
		Insecure: r.cfg.Extension.InsecureRegistry, UserAgent: "hwdeploy/" + version(),
	})
	if err != nil {
		return none, &config.Errors{Issues: []config.Issue{{
			Kind: config.OwnError, Pos: section.Pos, Path: "registry/server",
			Message: fmt.Sprintf("registry/server: %v", err), Hint: "write the host name alone, such as ghcr.io",
		}}}
	}
	return image.Access{Client: c, Username: user.Reveal(), Password: password}, nil
}

// accessoryAuth is the login for an accessory's image: its own registry's, or the
// app's for an image that lies in that registry; zero = none.
func (r *lazyRegistry) accessoryAuth(ctx context.Context, a *config.Accessory) (secret.Secret, error) {
	switch {
	case a.Registry != nil:
		own, err := r.accessTo(ctx, *a.Registry)
		if err != nil {
			return secret.Secret{}, err
		}
		return own.Client.EncodedAuth()
	case registry.SameServer(r.cfg.Registry.Server, a.Image):
		_, err := r.client(ctx)
		return r.auth, err
	}
	return secret.Secret{}, nil
}

func (r *lazyRegistry) credential(ctx context.Context, c config.Credential) (secret.Secret, error) {
	if c.Secret == "" {
		return secret.New(c.Literal), nil
	}
	v, err := r.secrets.Lookup(ctx, c.Secret)
	if err != nil && c.Pos.Line > 0 {
		err = fmt.Errorf("%s: %w", c.Pos, err)
	}
	return v, err
}

func (r *lazyRegistry) Login(ctx context.Context) error {
	c, err := r.client(ctx)
	if err != nil {
		return err
	}
	return c.Login(ctx)
}

// Look resolves a tag and reads what its image says of itself.
func (r *lazyRegistry) Look(ctx context.Context, tag string) (image.Made, string, error) {
	c, err := r.client(ctx)
	if err != nil {
		return image.Made{}, "", err
	}
	digest, err := c.Resolve(ctx, r.cfg.Repository()+":"+tag)
	if err != nil {
		return image.Made{}, "", err
	}
	list, err := c.Images(ctx, r.cfg.Repository()+"@"+digest)
	if err != nil || len(list) == 0 {
		return image.Of(digest, list), "", err
	}
	return image.Of(digest, list), list[0].Labels["service"], nil
}

func (r *lazyRegistry) Auth() secret.Secret { return r.auth }
