package config

import "slices"

// EnvFor resolves the environment of a role on a host: the root's env, the role's,
// then that of each of the host's tags. Later values win, the first place stays.
// A tag without definition counts for nothing.
func (c *Config) EnvFor(role *Role, host string) (clear []Pair, secrets []SecretRef) {
	envs := []Env{c.Env, role.Env}
	for _, tag := range role.tags(host) {
		if e := c.Env.Tags[tag]; e != nil {
			envs = append(envs, *e)
		}
	}
	return resolveEnv(envs...)
}

// Resolve gives the environment of a section that stands alone, such as an
// accessory's.
func (e Env) Resolve() (clear []Pair, secrets []SecretRef) { return resolveEnv(e) }

func resolveEnv(envs ...Env) (clear []Pair, secrets []SecretRef) {
	var entries []Text
	seen := map[string]bool{}
	for _, e := range envs {
		clear = mergePairs(clear, e.Clear)
		for _, t := range e.Secret {
			if !seen[t.Value] {
				seen[t.Value] = true
				entries = append(entries, t)
			}
		}
	}
	at := map[string]int{}
	for _, t := range entries {
		ref := cutSecret(t)
		if i, ok := at[ref.Name]; ok {
			secrets[i] = ref
			continue
		}
		at[ref.Name] = len(secrets)
		secrets = append(secrets, ref)
	}
	return clear, secrets
}

// AllHosts gives the hosts of the roles, then of the accessories, each once.
func (c *Config) AllHosts() []string { return unique(append(c.AppHosts(), c.AccessoryHosts()...)) }

// AppHosts gives the hosts of the roles, each once.
func (c *Config) AppHosts() []string {
	var out []string
	for _, r := range c.Roles {
		out = append(out, r.HostNames()...)
	}
	return unique(out)
}

// AccessoryHosts gives the hosts of the accessories, each once.
func (c *Config) AccessoryHosts() []string {
	var out []string
	for _, a := range c.Accessories {
		out = append(out, a.Hosts...)
	}
	return unique(out)
}

// ProxyHosts gives the hosts that need the proxy: of proxied roles, then of
// proxied accessories, each once.
func (c *Config) ProxyHosts() []string {
	var out []string
	for _, r := range c.Roles {
		if r.Proxied {
			out = append(out, r.HostNames()...)
		}
	}
	for _, a := range c.Accessories {
		if a.Proxied {
			out = append(out, a.Hosts...)
		}
	}
	return unique(out)
}

// ProxyRunFor says how the proxy on a host is started; nil: by the older files on
// the host.
func (c *Config) ProxyRunFor(host string) *ProxyRun {
	if runs := c.proxyRuns(host); len(runs) > 0 {
		return runs[0]
	}
	return nil
}

// PrimaryHost gives the first host of the primary role; empty without servers.
func (c *Config) PrimaryHost() string {
	if r := c.Role(c.PrimaryRole); r != nil && len(r.Hosts) > 0 {
		return r.Hosts[0].Name
	}
	return ""
}

// Repository is the image with its registry's server, without tag.
func (c *Config) Repository() string {
	if c.Registry.ServerSet {
		return c.Registry.Server + "/" + c.Image
	}
	return c.Image
}

// LatestTag is the tag that moves with each deploy.
func (c *Config) LatestTag() string {
	if c.Destination == "" {
		return "latest"
	}
	return "latest-" + c.Destination
}

// Role gives the role of that name, or nil.
func (c *Config) Role(name string) *Role { return c.role(name) }

// Accessory gives the accessory of that name, or nil.
func (c *Config) Accessory(name string) *Accessory {
	for _, a := range c.Accessories {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// HostNames gives the role's hosts in file order.
func (r *Role) HostNames() []string {
	names := make([]string, len(r.Hosts))
	for i, h := range r.Hosts {
		names[i] = h.Name
	}
	return names
}

// HasHost tells whether the role runs on the host.
func (r *Role) HasHost(name string) bool {
	return slices.ContainsFunc(r.Hosts, func(h Host) bool { return h.Name == name })
}

func (r *Role) tags(host string) []string {
	for _, h := range r.Hosts {
		if h.Name == host {
			return h.Tags
		}
	}
	return nil
}
