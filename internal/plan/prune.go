package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// prune plans the removal of old containers, then of old images: those go once
// the tag latest has left them and no container names them.
func (b *builder) prune(host string) {
	r := b.removal(host)
	b.add(Step{
		ID: host + "/prune-containers", Kind: PruneContainers, Host: host, Effect: Lasting,
		Needs: append(slices.Clone(b.tail), b.stopsOf(host, r.Containers)...),
		Title: fmt.Sprintf("keep the newest %d stopped containers and no dangling image%s", b.in.Config.RetainContainers, r.containers()),
		Prune: &Removal{Containers: r.Containers},
	})
	needs := []string{host + "/prune-containers"}
	if tag, ok := b.plan.Find(host + "/tag"); ok {
		needs = append(needs, tag.ID)
	}
	b.add(Step{
		ID: host + "/prune-images", Kind: PruneImages, Host: host, Effect: Lasting, Needs: needs,
		Title: "remove images that no container names" + r.tags(), Prune: &Removal{Tags: r.Tags},
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

// removal is what Kamal's prune would remove from a host once this rollout is
// through, never more: stopped containers of the service beyond the newest
// retain_containers, over all roles and destinations, and tags that no container
// names. Tags that begin with latest stay, also those of other destinations.
func (b *builder) removal(host string) *Removal {
	st := b.in.State.Host(host)
	stopped, stay := b.stoppedAfter(host, st)
	sort.SliceStable(stopped, func(i, j int) bool { return stopped[i].Created > stopped[j].Created })
	keep := min(b.in.Config.RetainContainers, len(stopped))
	r := &Removal{}
	for _, c := range stopped[keep:] {
		r.Containers = append(r.Containers, Ref{ID: c.ID, Name: c.Name})
	}
	used := map[string]bool{b.words.image(): contains(b.in.Selection.AppHosts, host)}
	for _, c := range append(stay, stopped[:keep]...) {
		used[c.Image] = true
	}
	for _, i := range st.Images {
		for _, tag := range i.Tags {
			if i.Service == b.in.Config.Service && !used[tag] && !strings.HasPrefix(tag, b.in.Config.Repository()+":latest") {
				r.Tags = append(r.Tags, tag)
			}
		}
	}
	slices.Sort(r.Tags)
	return r
}

// stoppedAfter parts a host's containers into those that will be stopped when
// the rollout is through, and the rest.
func (b *builder) stoppedAfter(host string, st HostState) (stopped, rest []Container) {
	ends := map[string]bool{}
	for _, s := range b.plan.Steps {
		if s.Host == host && s.Kind == StopOld {
			ends[s.Boot.Old.ID] = true
		}
		for _, c := range s.Reap {
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
