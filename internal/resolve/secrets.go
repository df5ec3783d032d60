package resolve

import "github.com/warmlyyours/hwdeploy/config"

// SecretNames are the names of secrets that a deploy of the configuration asks
// for, each once: of roles on their hosts, accessories, registries, the builder
// and certificates. What only x-hwdeploy names is not among them.
func SecretNames(c *config.Config) []string {
	var n names
	for _, r := range c.Roles {
		for _, host := range r.HostNames() {
			_, refs := c.EnvFor(r, host)
			n.refs(refs)
		}
		if r.Proxied {
			n.add(r.Proxy.CertificatePEM, r.Proxy.PrivateKeyPEM)
		}
	}
	n.add(c.Registry.Username.Secret, c.Registry.Password.Secret)
	for _, a := range c.Accessories {
		_, refs := a.Env.Resolve()
		n.refs(refs)
		if a.Registry != nil {
			n.add(a.Registry.Username.Secret, a.Registry.Password.Secret)
		}
	}
	n.add(texts(c.Builder.Secrets)...)
	return n.list
}

// names collects each name once.
type names struct {
	list []string
	seen map[string]bool
}

func (n *names) refs(refs []config.SecretRef) {
	for _, r := range refs {
		n.add(r.Source)
	}
}

func (n *names) add(list ...string) {
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	for _, name := range list {
		if name != "" && !n.seen[name] {
			n.seen[name] = true
			n.list = append(n.list, name)
		}
	}
}
