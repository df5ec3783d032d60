package plan

import "fmt"

// after plans what follows the last group: the deferred migrate, then on every
// host, each by itself and side by side, the latest tag, stale containers,
// folders and pruning.
func (b *builder) after() {
	if m := b.in.Config.Extension.Migrate; b.deferred && m != nil {
		step := b.migrateStep(m, b.migrateHost(m.Role), "after the boot (first deploy)")
		b.gate = []string{b.add(step)}
	}
	var tags []string
	for _, host := range b.in.Selection.AppHosts {
		st := b.in.State.Host(host)
		tags = append(tags, b.add(Step{
			ID: host + "/tag", Kind: Tag, Host: host, Effect: Write,
			Title: fmt.Sprintf("tag %s as %s", b.words.image(), b.words.latest()),
			Undo:  "none needed: nothing that is undone comes after it",
			Tag:   &Retag{Image: b.words.image(), Latest: b.words.latest(), Old: st.imageTagged(b.words.latest())},
		}))
		if stale := b.staleOn(host); len(stale) > 0 {
			b.add(Step{
				ID: host + "/reap", Kind: Reap, Host: host, Effect: Lasting,
				Title: "stop stale " + names(stale), Reap: stale,
			})
		}
	}
	b.tidy(tags)
	if !b.in.Options.Prune {
		return
	}
	for _, host := range b.in.Selection.Hosts {
		r := b.removal(host)
		b.add(Step{
			ID: host + "/prune", Kind: Prune, Host: host, Effect: Lasting, Prune: r, Needs: b.settled(host),
			Title: fmt.Sprintf("prune: keep the newest %d stopped containers%s", b.in.Config.RetainContainers, r.words()),
		})
	}
}

// settled is what prune on a host waits for: the latest tag must have left the
// image that it may remove, and stale containers must have been stopped.
func (b *builder) settled(host string) (needs []string) {
	for _, id := range []string{host + "/tag", host + "/reap"} {
		if _, ok := b.plan.Find(id); ok {
			needs = append(needs, id)
		}
	}
	return needs
}

// staleOn gives the running containers of a host's roles that neither serve nor
// are this deploy's. They were seen under the lock, so none is younger than it.
func (b *builder) staleOn(host string) []Ref {
	var out []Ref
	st := b.in.State.Host(host)
	for _, role := range b.rolesOn(host) {
		for _, c := range st.stale(role.Name, b.in.Config.Destination, b.words.serving(host, role)) {
			out = append(out, b.words.ref(role, c))
		}
	}
	return out
}
