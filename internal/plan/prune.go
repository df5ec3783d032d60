package plan

import (
	"slices"
	"sort"
	"strings"
)

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

// words says what goes.
func (r *Removal) words() string {
	if len(r.Containers) == 0 && len(r.Tags) == 0 {
		return ", nothing to remove"
	}
	text := "; remove"
	for _, c := range r.Containers {
		text += " " + c.Name
	}
	for _, t := range r.Tags {
		text += " " + t
	}
	return text
}
