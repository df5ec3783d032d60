package plan

import (
	"fmt"
	"slices"

	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// after plans what follows once the new version does the work everywhere: the
// deferred migrate, then on every host, each by itself and beside the stopping of
// the old containers, the latest tag, stale containers, folders and pruning.
func (b *builder) after() {
	if m := b.in.Config.Extension.Migrate; b.deferred && m != nil {
		step := b.migrateStep(m, b.migrateHost(m.Role), "after the boot (first deploy)")
		b.gate = []string{b.add(step)}
		b.tail = b.gate
	}
	var tags []string
	for _, host := range b.in.Selection.AppHosts {
		st := b.in.State.Host(host)
		tags = append(tags, b.add(Step{
			ID: host + "/tag", Kind: Tag, Host: host, Effect: Write, Needs: slices.Clone(b.tail),
			Title: fmt.Sprintf("tag %s as %s", b.words.image(), b.words.latest()),
			Undo:  "none needed: nothing that is undone comes after it",
			Tag:   &Retag{Image: b.words.image(), Latest: b.words.latest(), Old: st.imageTagged(b.words.latest())},
		}))
		if stale := b.staleOn(host); len(stale) > 0 && b.in.Options.Command != "boot" { // as Kamal has it
			b.add(Step{
				ID: host + "/reap", Kind: Reap, Host: host, Effect: Lasting, Needs: slices.Clone(b.tail),
				Title: "stop stale " + names(stale), Reap: stale,
			})
		}
	}
	b.tidy(append(tags, b.gate...))
	if b.in.Options.Prune {
		for _, host := range b.in.Selection.Hosts {
			b.prune(host, true, true, b.in.Config.RetainContainers)
		}
	}
}

// staleOn gives the running containers of a host's roles that neither serve nor
// are this deploy's. They were seen under the lock, so none is younger than it.
func (b *builder) staleOn(host string) []Ref {
	var out []Ref
	st := b.in.State.Host(host)
	for _, role := range b.in.Selection.RolesOn(host) {
		for _, c := range st.stale(role.Name, b.in.Config.Destination, b.words.serving(host, role)) {
			ref := b.words.ref(role, c)
			ref.StopTimeout = resolve.StopTimeout(b.in.Config, role)
			out = append(out, ref)
		}
	}
	return out
}
