package facts

import (
	"context"
	"fmt"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// plain is a fact without subject that can't fail.
func plain(name string, value func(*config.Config) string) source {
	return source{name: name, value: func(_ context.Context, o Options, _ string) (string, error) { return value(o.Config), nil }}
}

// versioned is a fact without subject that needs the version.
func versioned(name string, value func(*config.Config, string) string) source {
	return source{name: name, value: func(ctx context.Context, o Options, _ string) (string, error) {
		v, err := o.version(ctx)
		if err != nil {
			return "", err
		}
		return value(o.Config, v), nil
	}}
}

func (o Options) version(ctx context.Context) (string, error) {
	if o.Version == nil {
		return "", fmt.Errorf("the version is not known here")
	}
	return o.Version(ctx)
}

func rootFacts() []source {
	return append(append([]source{
		plain("load", func(*config.Config) string { return "ok" }),
		{name: "raw", subjects: rawKeys, value: raw, hide: func(o Options, value string) (string, bool) { return hideLiterals(o.Config.Raw, value) }},
	}, identityFacts()...), []source{
		plain("readiness", readiness),
		plain("volume_args", func(c *config.Config) string { return words(kamal.Repeat("--volume", texts(c.Volumes))) }),
		plain("root_logging", func(c *config.Config) string { return words(resolve.LogArgs(c.Logging)) }),
		{name: "hooks_output", subjects: func(context.Context, Options) []string { return kamal.HookNames() }, value: hooksOutput},
		plain("hooks_path", func(c *config.Config) string { return c.HooksPath }),
		plain("secrets_path", func(c *config.Config) string { return c.SecretsPath }),
		plain("error_pages_path", func(c *config.Config) string { return nullable(c.ErrorPagesPath) }),
		{name: "ssh", value: ssh, hide: hideKeys},
		{name: "ssh_cmd", subjects: allHosts, value: sshCommand},
		{name: "proxy_run", subjects: func(_ context.Context, o Options) []string { return o.Config.ProxyHosts() }, value: proxyRun},
		plain("boot.limit", func(c *config.Config) string { return resolve.BootLimit(c) }),
		plain("boot.wait", func(c *config.Config) string { return fmt.Sprint(c.Boot.Wait) }),
		plain("boot.parallel_roles", func(c *config.Config) string { return fmt.Sprint(c.Boot.ParallelRoles) }),
		{name: "alias", subjects: aliasNames, value: alias},
		{name: "config_output", value: configOutput},
	}...)
}

func identityFacts() []source {
	app := func(value func(kamal.App) string) func(*config.Config) string {
		return func(c *config.Config) string { return value(resolve.App(c)) }
	}
	return []source{
		plain("service", func(c *config.Config) string { return c.Service }),
		plain("destination", func(c *config.Config) string { return nullable(c.Destination) }),
		plain("roles", func(c *config.Config) string { return list(roleNames(c.Roles)) }),
		plain("all_hosts", func(c *config.Config) string { return list(c.AllHosts()) }),
		plain("app_hosts", func(c *config.Config) string { return list(c.AppHosts()) }),
		plain("proxy_hosts", func(c *config.Config) string { return list(c.ProxyHosts()) }),
		plain("accessory_hosts", func(c *config.Config) string { return list(c.AccessoryHosts()) }),
		plain("primary_host", func(c *config.Config) string { return nullable(c.PrimaryHost()) }),
		plain("primary_role", primaryRole),
		versioned("version", func(_ *config.Config, v string) string { return quoted(v) }),
		versioned("abbrev", func(_ *config.Config, v string) string { return kamal.ShortVersion(v) }),
		plain("repository", func(c *config.Config) string { return c.Repository() }),
		versioned("absolute_image", resolve.Image),
		plain("latest_tag", func(c *config.Config) string { return c.LatestTag() }),
		plain("latest_image", resolve.Latest),
		versioned("service_with_version", func(c *config.Config, v string) string { return c.Service + "-" + v }),
		plain("run_directory", func(*config.Config) string { return kamal.RunDir }),
		plain("app_directory", app(kamal.App.AppDir)),
		plain("proxy_app_directory", app(kamal.App.ProxyAppDir)),
		plain("lock_dir", app(kamal.App.LockDir)),
		plain("audit_log", app(kamal.App.AuditLog)),
	}
}

func primaryRole(c *config.Config) string {
	if c.Role(c.PrimaryRole) == nil {
		return "null"
	}
	return quoted(c.PrimaryRole)
}

func readiness(c *config.Config) string {
	return fmt.Sprintf("readiness=%d deploy=%d drain=%d stop=%s retain=%d",
		c.ReadinessDelay, c.DeployTimeout, c.DrainTimeout, number(c.StopTimeout), c.RetainContainers)
}

func roleNames(roles []*config.Role) []string {
	out := []string{}
	for _, r := range roles {
		out = append(out, r.Name)
	}
	return out
}

func allHosts(_ context.Context, o Options) []string { return o.Config.AllHosts() }
