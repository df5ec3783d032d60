package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// EnvChange names the variables in which a new container differs from what it
// replaces.
type EnvChange struct {
	Added   []string `json:"added,omitempty"`
	Changed []string `json:"changed,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// Return is how a host would come back to the old version when a later one
// fails.
type Return struct {
	Host string `json:"host"`
	// How: "start" (the old container is stopped and starts again), "re-point"
	// (the proxy points back; "start" once the old container is stopped), "none"
	// (nothing served before).
	How string `json:"how"`
}

// Digests are those of a role's images on a host, "sha256:…".
type Digests struct {
	Old string `json:"old,omitempty"` // of what serves; empty = nothing does
	New string `json:"new,omitempty"` // empty = not there yet
}

// envChange compares what a container has with what it is to have; nil = no
// difference, or not asked for. Variables of the image alone do not count as
// removed, and those whose value the host decides not as changed.
func (b *builder) envChange(host, role string, old *Ref) *EnvChange {
	want, asked := b.in.Options.Env[host+"/"+role]
	if old == nil || !asked {
		return nil
	}
	st := b.in.State.Host(host)
	have, seen := st.Env[old.ID]
	if !seen {
		return nil
	}
	image := st.ImageEnv[st.imageOf(old.ID)]
	c := &EnvChange{}
	for key, hash := range want {
		switch now, ok := have[key]; {
		case !ok:
			c.Added = append(c.Added, key)
		case hash != "" && hash != now:
			c.Changed = append(c.Changed, key)
		}
	}
	for key, hash := range have {
		if _, ok := want[key]; !ok && !kamal.AutomaticEnv(key) && image[key] != hash {
			c.Removed = append(c.Removed, key)
		}
	}
	if len(c.Added)+len(c.Changed)+len(c.Removed) == 0 {
		return nil
	}
	slices.Sort(c.Added)
	slices.Sort(c.Changed)
	slices.Sort(c.Removed)
	return c
}

func (c *EnvChange) words() string {
	var parts []string
	for _, p := range []struct {
		word string
		keys []string
	}{{"adds", c.Added}, {"changes", c.Changed}, {"drops", c.Removed}} {
		if len(p.keys) > 0 {
			parts = append(parts, p.word+" "+strings.Join(p.keys, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

func (h HostState) imageOf(container string) string {
	for _, c := range h.Containers {
		if c.ID == container {
			return c.ImageID
		}
	}
	return ""
}

// digests tells which images a boot goes from and to.
func (b *builder) digests(host string, old *Ref) *Digests {
	st := b.in.State.Host(host)
	d := &Digests{New: st.digest(st.imageTagged(b.words.image()))}
	if old != nil {
		d.Old = st.digest(st.imageOf(old.ID))
	}
	return d
}

// digest is the registry's digest of an image, else its id.
func (h HostState) digest(imageID string) string {
	for _, i := range h.Images {
		if i.ID == imageID && len(i.Digests) > 0 {
			return i.Digests[0]
		}
	}
	return imageID
}

func (d *Digests) words() string {
	short := func(s, none string) string {
		if s == "" {
			return none
		}
		return s[:min(19, len(s))]
	}
	return short(d.Old, "nothing") + " → " + short(d.New, "not there yet")
}

// returns says, per host, how it would come back. Only hosts of earlier groups
// have surely stopped their old containers.
func (b *builder) returns(cut [][]string) {
	for i, group := range cut {
		for _, host := range group {
			how := "none"
			for _, s := range b.plan.Steps {
				switch {
				case s.Host != host || s.Boot == nil || s.Boot.Old == nil:
				case i < len(cut)-1 || s.Boot.Service == "":
					if how == "none" {
						how = "start"
					}
				default:
					how = "re-point"
				}
			}
			b.plan.Returns = append(b.plan.Returns, Return{Host: host, How: how})
		}
	}
}

// notes says what a reader of the plan should know before saying yes; what holds
// for several hosts is said once.
func (b *builder) notes(cut [][]string) {
	b.returns(cut)
	n := &noteList{}
	for _, r := range b.plan.Returns {
		switch r.How {
		case "start":
			n.add(r.Host, "returns, when a later step fails, by starting the old container again")
		case "re-point":
			n.add(r.Host, "returns, when a later step fails, by pointing the proxy back; by starting the old container again once that is stopped")
		}
	}
	for _, s := range b.plan.Steps {
		if s.Boot == nil || (s.Kind != Create && s.Boot.Existing == "") || (s.Kind != Start && s.Boot.Existing != "") {
			continue
		}
		n.add(s.Host, s.Role+": image "+s.Boot.Digests.words())
		if s.Boot.Env != nil {
			n.add(s.Host, s.Role+": environment: "+s.Boot.Env.words())
		}
	}
	b.plan.Notes = append(b.plan.Notes, n.lines()...)
	if b.deferred {
		b.plan.Notes = append(b.plan.Notes, "first deploy: the migrate role has no env file on its host yet, so the migrate runs after the boot")
	}
	var lasting []string
	for _, s := range b.plan.Steps {
		if s.Effect == Lasting {
			lasting = append(lasting, s.ID)
		}
	}
	if len(lasting) > 0 {
		b.plan.Notes = append(b.plan.Notes, "no return reverses "+strings.Join(lasting, ", "))
	}
}

// noteList gathers notes of hosts in the order in which they come first.
type noteList struct {
	texts []string
	hosts map[string][]string
}

func (n *noteList) add(host, text string) {
	if n.hosts == nil {
		n.hosts = map[string][]string{}
	}
	if n.hosts[text] == nil {
		n.texts = append(n.texts, text)
	}
	n.hosts[text] = append(n.hosts[text], host)
}

func (n *noteList) lines() []string {
	var out []string
	for _, t := range n.texts {
		out = append(out, fmt.Sprintf("%s: %s", strings.Join(n.hosts[t], ", "), t))
	}
	return out
}
