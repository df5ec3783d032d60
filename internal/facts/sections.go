package facts

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

func hooksOutput(_ context.Context, o Options, hook string) (string, error) {
	if word := o.Config.HooksOutput.PerHook[hook]; word != "" {
		return quoted(word), nil
	}
	return nullable(o.Config.HooksOutput.All), nil
}

func sshCommand(_ context.Context, o Options, host string) (string, error) {
	return resolve.SSH(o.Config).Line(host, "ls"), nil
}

func proxyRun(_ context.Context, o Options, host string) (string, error) {
	return resolve.ProxyRun(o.Config, host), nil
}

// ssh gives the options in the order of Kamal's own, those that are written as
// they are written.
func ssh(ctx context.Context, o Options, _ string) (string, error) {
	c := o.Config
	section := c.Raw.Get("ssh")
	written := func(key, other string) string {
		if v := section.Get(key); v != nil {
			return v.JSON()
		}
		return other
	}
	parts := []string{"user=" + written("user", `"root"`), "port=" + written("port", "22")}
	switch {
	case c.SSH.Proxy != "":
		parts = append(parts, "proxy=jump:"+c.SSH.Proxy)
	case c.SSH.ProxyCommand != "":
		parts = append(parts, "proxy=command:"+c.SSH.ProxyCommand)
	}
	parts = append(parts, "keepalive=true", "keepalive_interval=30")
	for _, key := range []string{"keys_only", "keys", "key_data", "config", "forward_agent"} {
		value := written(key, "")
		if key == "key_data" && value != "" {
			value = "[" + strings.TrimSuffix(strings.Repeat(`"`+Mask+`",`, len(c.SSH.KeyData)), ",") + "]"
		}
		if value != "" {
			parts = append(parts, key+"="+value)
		}
	}
	return strings.Join(append(parts, "log_level="+written("log_level", "fatal")), " "), ctx.Err()
}

func aliasNames(_ context.Context, o Options) []string {
	var out []string
	for _, a := range o.Config.Aliases {
		out = append(out, a.Name)
	}
	return out
}

func alias(_ context.Context, o Options, name string) (string, error) {
	for _, a := range o.Config.Aliases {
		if a.Name == name {
			return quoted(a.Line), nil
		}
	}
	return "", unknown("alias", name)
}

// configOutput lists the root keys of what the config command prints.
func configOutput(ctx context.Context, o Options, _ string) (string, error) {
	out, err := o.Config.ConfigOutput(config.Shown{Logging: resolve.LogArgs(o.Config.Logging)})
	if err != nil {
		return "", err
	}
	if _, err := o.version(ctx); err != nil {
		return "", err
	}
	all := keys(out)
	for i, k := range all {
		all[i] = strings.TrimPrefix(fmt.Sprint(k), ":")
	}
	return list(all), nil
}
