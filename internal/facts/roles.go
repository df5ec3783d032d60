package facts

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

type roleValue func(c *config.Config, r *config.Role, version string) string

// ofRole is a fact about a role.
func ofRole(name string, value roleValue) source { return ofRoleVersion(name, never, value) }

// ofRoleVersion is a fact about a role that needs the version.
func ofRoleVersion(name string, needed func(*config.Config) bool, value roleValue) source {
	return source{name: name, subjects: func(_ context.Context, o Options) []string { return roleNames(o.Config.Roles) },
		value: func(ctx context.Context, o Options, subject string) (string, error) {
			r := o.Config.Role(subject)
			if r == nil {
				return "", unknown("role", subject)
			}
			version := ""
			if needed(o.Config) {
				var err error
				if version, err = o.version(ctx); err != nil {
					return "", err
				}
			}
			return value(o.Config, r, version), nil
		}}
}

func always(*config.Config) bool { return true }

func never(*config.Config) bool { return false }

func withErrorPages(c *config.Config) bool { return c.ErrorPagesPath != "" }

func roleFacts() []source {
	role := func(c *config.Config, r *config.Role) kamal.Role { return resolve.App(c).Role(r.Name) }
	return []source{
		ofRole("hosts", func(_ *config.Config, r *config.Role, _ string) string { return list(r.HostNames()) }),
		ofRoleVersion("container", always, func(c *config.Config, r *config.Role, v string) string { return role(c, r).Container(v) }),
		ofRole("proxy_service", func(c *config.Config, r *config.Role, _ string) string { return role(c, r).Prefix() }),
		ofRole("running_proxy", func(_ *config.Config, r *config.Role, _ string) string { return fmt.Sprint(r.Proxied) }),
		proxied(ofRoleVersion("proxy_args", withErrorPages, func(c *config.Config, r *config.Role, v string) string {
			return words(resolve.ProxyDeploy(c, r, v, fmt.Sprintf("CID:%d", r.Proxy.AppPort)).Args())
		})),
		proxied(ofRole("tls_cert", func(c *config.Config, r *config.Role, _ string) string { return tls(c, r, "cert.pem") })),
		proxied(ofRole("tls_key", func(c *config.Config, r *config.Role, _ string) string { return tls(c, r, "key.pem") })),
		ofRole("labels", func(c *config.Config, r *config.Role, _ string) string {
			return words(kamal.Argumentize("--label", resolve.Run(c, r, "", "", "").AllLabels()))
		}),
		ofRole("logging", func(_ *config.Config, r *config.Role, _ string) string { return words(resolve.LogArgs(r.Logging)) }),
		ofRole("options", func(_ *config.Config, r *config.Role, _ string) string {
			return words(kamal.Optionize(resolve.Pairs(r.Options), " "))
		}),
		ofRole("restart", func(_ *config.Config, r *config.Role, _ string) string { return r.Restart }),
		ofRole("cmd", func(_ *config.Config, r *config.Role, _ string) string { return nullable(r.Cmd.Value) }),
		ofRole("stop_args", func(c *config.Config, r *config.Role, _ string) string { return words(resolve.StopArgs(c, r)) }),
		ofRoleVersion("asset_volume", always, func(c *config.Config, r *config.Role, v string) string {
			return words(resolve.Run(c, r, "", v, "").AssetVolumeArgs())
		}),
		ofRoleVersion("asset_dirs", always, assetDirs),
		ofRole("env_path", func(c *config.Config, r *config.Role, _ string) string { return resolve.App(c).EnvPath(r.Name) }),
		{name: "env_args", subjects: rolesAtHosts, value: atHost(func(_ context.Context, o Options, r *config.Role, host string) (string, error) {
			return words(resolve.EnvArgs(o.Config, r, host)), nil
		})},
		{name: "env_file", subjects: rolesAtHosts, secret: true, value: atHost(envFile)},
		{name: "run", subjects: rolesAtHosts, value: atHost(runLine)},
	}
}

// proxied leaves out the roles that do not run behind the proxy.
func proxied(s source) source {
	s.subjects = func(_ context.Context, o Options) []string {
		var out []string
		for _, r := range o.Config.Roles {
			if r.Proxied {
				out = append(out, r.Name)
			}
		}
		return out
	}
	return s
}

func tls(c *config.Config, r *config.Role, file string) string {
	if r.Proxy.CertificatePEM == "" || r.Proxy.PrivateKeyPEM == "" {
		return "null"
	}
	return resolve.App(c).TLSDir(r.Name) + "/" + file
}

func assetDirs(c *config.Config, r *config.Role, version string) string {
	app := resolve.App(c)
	return list([]string{app.AssetExtracted(r.Name, version), app.AssetVolume(r.Name, version)})
}

func rolesAtHosts(_ context.Context, o Options) []string {
	var out []string
	for _, r := range o.Config.Roles {
		for _, h := range r.HostNames() {
			out = append(out, r.Name+"@"+h)
		}
	}
	return out
}

// atHost takes the subject role@host apart.
func atHost(value func(context.Context, Options, *config.Role, string) (string, error)) func(context.Context, Options, string) (string, error) {
	return func(ctx context.Context, o Options, subject string) (string, error) {
		for _, r := range o.Config.Roles {
			if host, ok := strings.CutPrefix(subject, r.Name+"@"); ok && r.HasHost(host) {
				return value(ctx, o, r, host)
			}
		}
		return "", unknown("role@host", subject)
	}
}

func envFile(ctx context.Context, o Options, r *config.Role, host string) (string, error) {
	text, err := resolve.EnvFile(o.Config, r, host, o.lookup(ctx))
	return quoted(string(text)), err
}

func (o Options) lookup(ctx context.Context) func(string) (string, error) {
	return func(name string) (string, error) {
		if o.Secrets == nil {
			return "", fmt.Errorf("secrets are not known here")
		}
		s, err := o.Secrets.Get(ctx, name)
		return s.Reveal(), err
	}
}

func runLine(ctx context.Context, o Options, r *config.Role, host string) (string, error) {
	v, err := o.version(ctx)
	if err != nil {
		return "", err
	}
	spec := resolve.Run(o.Config, r, host, v, "")
	spec.Hostname = "HN"
	return spec.RunLine(), nil
}
