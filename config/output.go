package config

import (
	"errors"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

const maskedKey = "********"

// Shown is what ConfigOutput can't know by itself.
type Shown struct {
	Version string   // of the app
	Logging []string // the words of the root's logging arguments
	KeyData []string // values of ssh/key_data; nil shows asterisks
}

// ConfigOutput gives what Kamal's config command prints, keys in its order: roles,
// hosts, primary host, version, names, volumes, ssh, sshkit, builder, accessories,
// logging. Keys of the first two levels that Kamal makes itself are symbols.
// Without servers it is an error; Kamal crashes there.
func (c *Config) ConfigOutput(s Shown) (Value, error) {
	if c.Raw.Get("servers") == nil {
		return nil, errors.New("config shows nothing without servers: this configuration has only accessories")
	}
	var roles []string
	for _, r := range c.Roles {
		roles = append(roles, r.Name)
	}
	var volumes []string
	for _, v := range c.Volumes {
		volumes = append(volumes, "--volume", v.Value)
	}
	return symbols(
		shown("roles", psych.NewStrings(roles)),
		shown("hosts", psych.NewStrings(c.AllHosts())),
		shown("primary_host", stringValue(c.PrimaryHost())),
		shown("version", stringValue(s.Version)),
		shown("repository", stringValue(c.Repository())),
		shown("absolute_image", stringValue(c.Repository()+":"+s.Version)),
		shown("service_with_version", stringValue(c.Service+"-"+s.Version)),
		shown("volume_args", psych.NewStrings(volumes)),
		shown("ssh_options", c.sshOutput(s.KeyData)),
		shown("sshkit", c.rawOr("sshkit")),
		shown("builder", c.rawOr("builder")),
		shown("accessories", c.Raw.Get("accessories")),
		shown("logging", psych.NewStrings(s.Logging)),
	), nil
}

// EmitYAML writes a value as Ruby's YAML library does.
func EmitYAML(v Value) []byte { return psych.Emit(v) }

func (c *Config) rawOr(key string) Value {
	if n := mapOf(c.Raw.Get(key)); n != nil {
		return n
	}
	return psych.NewMap()
}

func (c *Config) sshOutput(keys []string) Value {
	raw := mapOf(c.Raw.Get("ssh"))
	as := func(key string, other Value) Value {
		if v := raw.Get(key); v != nil {
			return v
		}
		return other
	}
	if keys == nil {
		for range c.SSH.KeyData {
			keys = append(keys, maskedKey)
		}
	}
	return symbols(
		shown("user", as("user", stringValue("root"))),
		shown("port", as("port", psych.NewInt(22))),
		shown("proxy", c.sshProxy()),
		shown("keepalive", psych.NewBool(true)),
		shown("keepalive_interval", psych.NewInt(30)),
		shown("keys_only", as("keys_only", nil)),
		shown("keys", as("keys", nil)),
		shown("key_data", listOrNil(keys)),
		shown("config", as("config", nil)),
		shown("forward_agent", as("forward_agent", nil)),
		shown("log_level", as("log_level", psych.NewSymbol("fatal"))),
	)
}

// sshProxy shows the jump host or the command as text.
func (c *Config) sshProxy() Value {
	switch {
	case c.SSH.Proxy != "":
		return stringValue(c.SSH.Proxy)
	case c.SSH.ProxyCommand != "":
		return stringValue(c.SSH.ProxyCommand)
	}
	return nil
}

func listOrNil(list []string) Value {
	if list == nil {
		return nil
	}
	return psych.NewStrings(list)
}

func shown(key string, v Value) psych.Pair { return psych.Pair{Key: psych.NewSymbol(key), Value: v} }

// symbols makes a map without the entries that have no value.
func symbols(pairs ...psych.Pair) Value {
	out := psych.NewMap()
	for _, p := range pairs {
		if !p.Value.IsNull() {
			out.Pairs = append(out.Pairs, p)
		}
	}
	return out
}
