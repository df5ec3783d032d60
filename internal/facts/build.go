package facts

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// withArch is a fact that needs the operator's own architecture when the builder
// does.
func withArch(name string, value func(c *config.Config, here string) string) source {
	return source{name: name, value: func(ctx context.Context, o Options, _ string) (string, error) {
		here := ""
		if resolve.NeedsArch(o.Config.Builder) {
			if o.Arch == nil {
				return "", fmt.Errorf("the architecture of this machine is not known here")
			}
			var err error
			if here, err = o.Arch(ctx); err != nil {
				return "", err
			}
		}
		return value(o.Config, here), nil
	}}
}

func buildFacts() []source {
	return []source{
		plain("builder.arches", func(c *config.Config) string { return list(c.Builder.Arches) }),
		plain("builder.driver", func(c *config.Config) string { return c.Builder.Driver }),
		plain("builder.context", func(c *config.Config) string { return c.Builder.Context }),
		plain("builder.dockerfile", func(c *config.Config) string { return c.Builder.Dockerfile }),
		withArch("builder.local_remote", func(c *config.Config, here string) string {
			local, remote := resolve.Arches(c.Builder, here)
			return "local=" + list(local) + " remote=" + list(remote)
		}),
		withArch("builder.name", func(c *config.Config, here string) string {
			kind, name := resolve.Builder(c, here)
			return strings.TrimSpace(string(kind) + " " + name)
		}),
		plain("builder.options", func(c *config.Config) string { return words(resolve.Build(c).OptionArgs()) }),
		plain("builder.cache", func(c *config.Config) string {
			cache := resolve.Cache(c)
			return "from " + orNil(cache.From) + " to " + orNil(cache.To)
		}),
		{name: "builder.secrets", secret: true, value: builderSecrets},
		plain("registry.server", func(c *config.Config) string {
			if !c.Registry.ServerSet {
				return "null"
			}
			return quoted(c.Registry.Server)
		}),
		plain("registry.local", func(c *config.Config) string { return fmt.Sprint(c.Registry.Local) }),
		credential("registry.username", func(r config.Registry) config.Credential { return r.Username }),
		credential("registry.password", func(r config.Registry) config.Credential { return r.Password }),
	}
}

func orNil(s string) string {
	if s == "" {
		return "nil"
	}
	return quoted(s)
}

func builderSecrets(ctx context.Context, o Options, _ string) (string, error) {
	look := o.lookup(ctx)
	var parts []string
	for _, s := range o.Config.Builder.Secrets {
		v, err := look(s.Value)
		if err != nil {
			return "", err
		}
		parts = append(parts, quoted(s.Value)+":"+quoted(v))
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}

func credential(name string, of func(config.Registry) config.Credential) source {
	return source{name: name, secret: true, value: func(ctx context.Context, o Options, _ string) (string, error) {
		c := of(o.Config.Registry)
		if c.Secret == "" {
			return nullable(c.Literal), nil
		}
		v, err := o.lookup(ctx)(c.Secret)
		return quoted(v), err
	}}
}
