package facts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/vault"
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
			keys, err := o.keyData(ctx)
			if err != nil {
				return "", err
			}
			value = list(keys)
		}
		if value != "" {
			parts = append(parts, key+"="+value)
		}
	}
	return strings.Join(append(parts, "log_level="+written("log_level", "fatal")), " "), nil
}

// keyData are the keys: the secret of the name when there is one that is not
// blank, else the text itself.
func (o Options) keyData(ctx context.Context) ([]string, error) {
	var out []string
	for _, k := range o.Config.SSH.KeyData {
		value, err := o.lookup(ctx)(k.Value)
		var missing *vault.NotFoundError
		switch {
		case errors.As(err, &missing), err == nil && strings.TrimSpace(value) == "":
			value = k.Value
		case err != nil:
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}

// hideKeys masks the keys and leaves the rest of the options.
func hideKeys(o Options, value string) (string, bool) {
	begin := strings.Index(value, " key_data=")
	if begin < 0 || len(o.Config.SSH.KeyData) == 0 {
		return value, false
	}
	masks := make([]string, len(o.Config.SSH.KeyData))
	for i := range masks {
		masks[i] = Mask
	}
	rest := value[begin:]
	end := len(rest)
	for _, next := range []string{" config=", " forward_agent=", " log_level="} {
		if i := strings.LastIndex(rest, next); i >= 0 {
			end = min(end, i)
		}
	}
	return value[:begin] + " key_data=" + list(masks) + rest[end:], true
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
