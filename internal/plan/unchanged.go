package plan

// unchanged tells whether every role on every host is served by a container that
// this plan would make again just so: the same version from the same image, by
// the same line, with the same secrets; nothing stale beside it, and a proxy
// that runs. A container that Kamal made has no noted line and counts as changed.
func (b *builder) unchanged() bool {
	for _, host := range b.in.Selection.AppHosts {
		st := b.in.State.Host(host)
		for _, role := range b.in.Selection.RolesOn(host) {
			c := b.words.serving(host, role)
			if c == nil || c.Name != b.words.container(role.Name) || c.ImageID != st.imageTagged(b.words.image()) {
				return false
			}
			if made := st.Booted[role.Name]; made.ID != c.ID || made.LineHash != b.words.lineHash(host, role) {
				return false
			}
			want := b.in.Options.EnvHashes[host+"/"+role.Name]
			if have := st.EnvFiles[role.Name][""]; want == "" || have != want {
				return false
			}
			if role.Proxied && st.Proxy.Services[b.words.prefix(role.Name)] == "" {
				return false
			}
		}
		if len(b.staleOn(host)) > 0 {
			return false
		}
	}
	return len(b.proxies()) == 0
}
