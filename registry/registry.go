// Package registry speaks to one image registry: it checks credentials, turns
// tags into digests, looks at an image's labels, moves tags, and pushes blobs
// that somebody else holds.
//
// Laws:
//   - credentials go to the server they are for and to no other, and never over
//     plain HTTP, except on this machine or where Insecure says so;
//   - only blobs that the registry lacks are opened;
//   - a refusal has a type (*AuthError, *Error with a Kind), names server and
//     user, and holds neither a token nor a signed address.
//
// Sources: https://github.com/opencontainers/distribution-spec/blob/main/spec.md,
// https://pkg.go.dev/github.com/google/go-containerregistry/pkg/v1/remote,
// https://docs.github.com/packages (GHCR's permissions).
package registry

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// hubKey is how Docker's configuration calls Docker Hub.
const hubKey = "https://index.docker.io/v1/"

// Options are what a Client can be told.
type Options struct {
	Server   string // "ghcr.io", "localhost:5555"; "" = Docker Hub
	Username string // both empty = anonymous
	Password secret.Secret
	// Insecure allows plain HTTP and is for registries that the engines, too, are
	// configured to talk to so. Addresses of this machine need no permission.
	// (Private addresses do: who sits between can make https fail.)
	Insecure bool
	// Transport is the HTTP client's; nil = the usual one, proxies from the
	// environment.
	Transport http.RoundTripper
	UserAgent string
	// Jobs is how many blobs move at once; 0 = 4.
	Jobs int
	// RetryWait is the first of three waits after a failure that may pass; 0 = 1 s.
	RetryWait time.Duration
	// Silence is how long the usual transport waits for the answer to a request
	// that was sent; 0 = 5 minutes, for registries that look at a large blob first.
	Silence time.Duration
}

// Client is one registry. It is safe for use from many goroutines, and asks for
// a token once per repository and direction.
type Client struct {
	o        Options
	registry name.Registry
	auth     authn.Authenticator
	plain    *guard // every request passes it
	puller   *remote.Puller
	pusher   *remote.Pusher
}

// New makes a client; nothing is sent before the first call.
func New(o Options) (*Client, error) {
	reg, err := name.NewRegistry(o.Server, nameOptions(o)...)
	if err != nil {
		return nil, fmt.Errorf("registry %q: %w", o.Server, err)
	}
	c := &Client{o: o, registry: reg, auth: authn.Anonymous}
	if o.Username != "" || !o.Password.IsZero() {
		c.auth = authn.FromConfig(authn.AuthConfig{Username: o.Username, Password: o.Password.Reveal()})
	}
	next := o.Transport
	if next == nil {
		next = usual(o.Silence)
	}
	c.plain = &guard{next: next, allowed: o.Insecure, registry: reg.RegistryStr()}
	if c.puller, err = remote.NewPuller(c.options()...); err != nil {
		return nil, err
	}
	c.pusher, err = remote.NewPusher(c.options()...)
	return c, err
}

// usual is the library's transport, which would wait for an answer for ever.
func usual(silence time.Duration) http.RoundTripper {
	t, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	if t.ResponseHeaderTimeout = silence; silence == 0 {
		t.ResponseHeaderTimeout = 5 * time.Minute
	}
	return t
}

func nameOptions(o Options) []name.Option {
	if o.Insecure {
		return []name.Option{name.Insecure}
	}
	return nil
}

func (c *Client) options() []remote.Option {
	jobs := c.jobs()
	opts := []remote.Option{
		remote.WithAuth(c.auth), remote.WithTransport(c.plain), remote.WithJobs(jobs),
		remote.WithRetryBackoff(c.backoff()),
	}
	if c.o.UserAgent != "" {
		opts = append(opts, remote.WithUserAgent(c.o.UserAgent))
	}
	return opts
}

// backoff is three tries.
func (c *Client) backoff() remote.Backoff {
	wait := c.o.RetryWait
	if wait == 0 {
		wait = time.Second
	}
	return remote.Backoff{Duration: wait, Factor: 3, Jitter: 0.1, Steps: 3}
}

func (c *Client) jobs() int {
	if c.o.Jobs > 0 {
		return c.o.Jobs
	}
	return 4
}

// Server is the registry's name as people write it.
func (c *Client) Server() string {
	if c.registry.RegistryStr() == name.DefaultRegistry {
		return "docker.io"
	}
	return c.registry.RegistryStr()
}

// EncodedAuth is the X-Registry-Auth header by which a Docker engine pulls and
// pushes with these credentials. Zero for an anonymous client.
//
// Source: https://docs.docker.com/reference/api/engine/version/v1.41/#section/Authentication
func (c *Client) EncodedAuth() (secret.Secret, error) {
	if c.auth == authn.Anonymous {
		return secret.Secret{}, nil
	}
	server := c.registry.RegistryStr()
	if server == name.DefaultRegistry {
		server = hubKey
	}
	b, err := json.Marshal(map[string]string{
		"username": c.o.Username, "password": c.o.Password.Reveal(), "serveraddress": server,
	})
	if err != nil {
		return secret.Secret{}, err
	}
	return secret.New(base64.URLEncoding.EncodeToString(b)), nil
}

// reference reads a reference and makes sure that it is of this registry:
// another would get our credentials.
func (c *Client) reference(ref string) (name.Reference, error) {
	r, err := name.ParseReference(ref, nameOptions(c.o)...)
	if err != nil {
		return nil, fmt.Errorf("image %q: %w", ref, err)
	}
	return r, c.mine(r.Context())
}

func (c *Client) repository(repo string) (name.Repository, error) {
	r, err := name.NewRepository(repo, nameOptions(c.o)...)
	if err != nil {
		return r, fmt.Errorf("repository %q: %w", repo, err)
	}
	return r, c.mine(r)
}

func (c *Client) mine(r name.Repository) error {
	if r.RegistryStr() != c.registry.RegistryStr() {
		return fmt.Errorf("%s is not in the registry %s", r.Name(), c.Server())
	}
	return nil
}

// SameServer tells whether an image lies in the registry of that address ("" =
// Docker Hub).
func SameServer(server, image string) bool {
	ref, err := name.ParseReference(image, name.WeakValidation)
	if err != nil {
		return false
	}
	reg, err := name.NewRegistry(server, name.WeakValidation)
	return err == nil && reg.RegistryStr() == ref.Context().RegistryStr()
}
