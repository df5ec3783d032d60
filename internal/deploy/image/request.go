package image

import (
	"context"
	"os"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// request is the builder section as a build of the working tree.
func (m *Maker) request(ctx context.Context, access Access, o Options) (build.Request, error) {
	c := m.Config.Builder
	args, err := m.buildArgs(c.Args)
	r := build.Request{
		Dir: m.Dir, Context: c.Context, Dockerfile: c.Dockerfile, Target: c.Target,
		Args: args, Labels: map[string]string{"service": m.Config.Service},
		Secrets: map[string]secret.Secret{}, Provenance: c.Provenance, NoCache: o.NoCache,
		SharedKey: m.Config.Service + "@" + c.Remote,
		Auth:      func(host string) (string, secret.Secret) { return m.auth(host, access) },
		Output:    build.Output{Names: []string{m.Config.Repository() + ":" + o.Version}, Insecure: m.Config.Extension.InsecureRegistry},
		Progress:  (&teller{emit: o.Emit}).tell,
	}
	if err != nil {
		return r, err
	}
	for _, arch := range c.Arches {
		r.Platforms = append(r.Platforms, "linux/"+arch)
	}
	for _, s := range c.Secrets {
		v, err := m.Secret(ctx, s.Value)
		if err != nil {
			return r, err
		}
		r.Secrets[s.Value] = v
	}
	if err := m.dockerfile(r); err != nil {
		return r, err
	}
	if c.SSH != "" {
		// Kamal leaves the text to a shell, which knows $SSH_AUTH_SOCK.
		s, err := build.ParseSSH(os.Expand(c.SSH, m.Env), m.Env("SSH_AUTH_SOCK"))
		if err != nil {
			return r, m.mistake("ssh", err.Error(), "start an agent, or name a socket or key: default=/path")
		}
		r.SSH = []build.SSH{s}
	}
	return r, m.caches(&r)
}

// caches are of type registry; the docker driver can't write one.
func (m *Maker) caches(r *build.Request) error {
	c := m.Config.Builder
	if c.Cache == nil || c.Cache.Type != "registry" || c.Driver == "docker" {
		return nil
	}
	spec := resolve.Cache(m.Config)
	for _, side := range []struct {
		text string
		list *[]build.Cache
	}{{spec.From, &r.CacheFrom}, {spec.To, &r.CacheTo}} {
		attrs, err := build.ParseAttrs(side.text)
		if err != nil {
			return m.mistake("cache", err.Error(), "")
		}
		kind := attrs["type"]
		delete(attrs, "type")
		if m.Config.Extension.InsecureRegistry {
			attrs["registry.insecure"] = "true"
		}
		*side.list = []build.Cache{{Type: kind, Attrs: attrs}}
	}
	return nil
}

// auth answers for the configured registry, and for others with what docker
// keeps.
func (m *Maker) auth(host string, access Access) (string, secret.Secret) {
	server := m.Config.Registry.Server
	if host == server || dockerHub(server) && dockerHub(host) {
		return access.Username, access.Password
	}
	if m.Stored == nil {
		return "", secret.Secret{}
	}
	return m.Stored(host)
}

// dockerHub tells whether a registry is Docker Hub, under any of its names.
func dockerHub(server string) bool {
	return server == "" || server == "docker.io" || strings.HasSuffix(server, ".docker.io")
}
