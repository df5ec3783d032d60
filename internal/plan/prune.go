package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// AppPrune plans prune: of containers, of images, or of both. retain is how many
// stopped containers stay; below 0: as configured.
func AppPrune(containers, images bool, retain int) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, "prune")
		if retain < 0 {
			retain = in.Config.RetainContainers
		}
		for _, host := range in.Selection.Hosts {
			b.prune(host, containers, images, retain)
		}
		return b.plan, nil
	}
}

// prune plans the removal of old containers, then of old images: those go once
// the tag latest has left them and no container names them.
func (b *builder) prune(host string, containers, images bool, retain int) {
	r := b.removal(host, containers, images, retain)
	var needs, audit []string
	if containers {
		audit = append(audit, "Pruned containers")
		s := Step{
			ID: host + "/prune-containers", Kind: PruneContainers, Host: host, Effect: Lasting,
			Needs: append(slices.Clone(b.tail), b.stopsOf(host, r.Containers)...),
			Title: fmt.Sprintf("keep the newest %d stopped containers", retain), Prune: &Removal{Containers: r.Containers, Dangling: images},
		}
		if images {
			s.Title += " and no dangling image"
		} else {
			s.Audit = audit
		}
		s.Title += r.containers()
		needs = append(needs, b.add(s))
	}
	if !images {
		return
	}
	if tag, ok := b.plan.Find(host + "/tag"); ok {
		needs = append(needs, tag.ID)
	}
	b.add(Step{
		ID: host + "/prune-images", Kind: PruneImages, Host: host, Effect: Lasting, Needs: needs, Audit: append(audit, "Pruned images"),
		Title: "remove images that no container names" + r.tags(), Prune: &Removal{Tags: r.Tags, Dangling: !containers},
	})
}

// stopsOf gives the steps of this rollout that stop one of these containers.
func (b *builder) stopsOf(host string, refs []Ref) (ids []string) {
	for _, s := range b.plan.Steps {
		if s.Host != host {
			continue
		}
		stopped := s.Reap
		if s.Kind == StopOld {
			stopped = []Ref{*s.Boot.Old}
		}
		if slices.ContainsFunc(stopped, func(c Ref) bool {
			return slices.ContainsFunc(refs, func(r Ref) bool { return r.ID == c.ID })
		}) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// removal is what Kamal's prune would remove from a host once this plan is
// through, never more: stopped containers beyond the newest retain, over all
// roles, and tags that no container names. What Kamal would take and stays here:
// containers of other destinations, each role's newest stopped one (the one that
// a rollback would want), and tags that begin with latest.
func (b *builder) removal(host string, containers, images bool, retain int) *Removal {
	st := b.in.State.Host(host)
	stopped, stay := b.stoppedAfter(host, st)
	sort.SliceStable(stopped, func(i, j int) bool { return stopped[i].Created > stopped[j].Created })
	r := &Removal{Dangling: images}
	seen := map[string]bool{}
	kept := 0
	for _, c := range stopped {
		if !containers || !b.ours(c) {
			stay = append(stay, c)
			continue
		}
		newest := c.Role != "" && !seen[c.Role] && !b.replaced(host, c)
		seen[c.Role] = seen[c.Role] || newest
		switch {
		case kept < retain || newest:
			stay = append(stay, c)
			kept++
		default:
			r.Containers = append(r.Containers, Ref{ID: c.ID, Name: c.Name})
		}
	}
	if images {
		r.Tags = b.unusedTags(host, st, stay)
	}
	return r
}

// replaced tells whether a container is moved out of the way of one of its version,
// by this plan or before it: no rollback finds it by its version.
func (b *builder) replaced(host string, c Container) bool {
	return strings.Contains(c.Name, "_replaced_") || slices.ContainsFunc(b.plan.Steps, func(s Step) bool {
		return s.Host == host && s.Boot != nil && s.Boot.Rename != nil && s.Boot.Rename.ID == c.ID
	})
}

// unusedTags gives the service's tags on a host that none of the containers
// names.
func (b *builder) unusedTags(host string, st HostState, containers []Container) []string {
	used := map[string]bool{b.words.image(): slices.Contains(b.in.Selection.AppHosts, host)}
	for _, c := range containers {
		used[c.Image] = true
	}
	var tags []string
	for _, i := range st.Images {
		for _, tag := range i.Tags {
			if i.Service == b.in.Config.Service && !used[tag] && !strings.HasPrefix(tag, b.in.Config.Repository()+":latest") {
				tags = append(tags, tag)
			}
		}
	}
	slices.Sort(tags)
	return tags
}

// ours tells whether a container belongs to this destination: by its label, or,
// for what app exec left behind, by its name.
func (b *builder) ours(c Container) bool {
	if c.HasDestination {
		return c.Destination == b.in.Config.Destination
	}
	for _, role := range b.in.Config.Roles {
		if strings.HasPrefix(c.Name, b.words.prefix(role.Name)+"-exec-") {
			return true
		}
	}
	return false
}

// stoppedAfter parts a host's containers into those that will be stopped when
// the rollout is through, and the rest.
func (b *builder) stoppedAfter(host string, st HostState) (stopped, rest []Container) {
	ends := map[string]bool{}
	for _, s := range b.plan.Steps {
		if s.Host == host && s.Kind == StopOld {
			ends[s.Boot.Old.ID] = true
		}
		refs := s.Reap
		if s.Stop != nil {
			refs = s.Stop.Containers
		}
		for _, c := range refs {
			ends[c.ID] = ends[c.ID] || s.Host == host
		}
	}
	for _, c := range st.Containers {
		if ends[c.ID] || c.State == "created" || c.State == "exited" || c.State == "dead" {
			stopped = append(stopped, c)
		} else {
			rest = append(rest, c)
		}
	}
	return stopped, rest
}

// containers and tags say what goes, beside what prune keeps.
func (r *Removal) containers() string {
	if len(r.Containers) == 0 {
		return ""
	}
	return "; remove " + names(r.Containers)
}

func (r *Removal) tags() string {
	if len(r.Tags) == 0 {
		return ""
	}
	return ": " + strings.Join(r.Tags, ", ")
}
