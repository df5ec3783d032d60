package plan

import (
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// role gives the containers of one role and destination, newest first. Exec
// containers inherit the image's service label but carry no role.
func (h HostState) role(role, destination string) []Container {
	var out []Container
	for _, c := range h.Containers {
		if c.Role == role && c.HasDestination && c.Destination == destination {
			out = append(out, c)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Created > out[j].Created })
	return out
}

// serving finds the container that serves a role. Behind the proxy that is what
// the proxy serves: after an interrupted deploy the newest container on the
// image tagged latest may be the wrong one. Otherwise Kamal's rule: the newest
// running one of the image tagged latest, else the newest running one.
func (h HostState) serving(role, destination, service, latest string) *Container {
	all := h.role(role, destination)
	if target := h.Proxy.Services[service]; service != "" && target != "" {
		id, _, _ := strings.Cut(target, ":")
		for i, c := range all {
			if id != "" && strings.HasPrefix(c.ID, id) && c.Running() {
				return &all[i]
			}
		}
	}
	tagged := h.imageTagged(latest)
	for i, c := range all {
		if c.Running() && tagged != "" && c.ImageID == tagged {
			return &all[i]
		}
	}
	for i, c := range all {
		if c.Running() {
			return &all[i]
		}
	}
	return nil
}

// stale gives the running containers of a role that do not serve.
func (h HostState) stale(role, destination string, serving *Container) []Container {
	var out []Container
	for _, c := range h.role(role, destination) {
		if c.Running() && (serving == nil || c.ID != serving.ID) {
			out = append(out, c)
		}
	}
	return out
}

// imageTagged gives the id of the image with that tag; empty = none.
func (h HostState) imageTagged(ref string) string {
	for _, i := range h.Images {
		for _, t := range i.Tags {
			if t == ref {
				return i.ID
			}
		}
	}
	return ""
}

// named finds a container by its name.
func (h HostState) named(name string) *Container {
	for i, c := range h.Containers {
		if c.Name == name {
			return &h.Containers[i]
		}
	}
	return nil
}

// LiveRole is what serves a role on a host, for reports.
type LiveRole struct {
	Role, Version string
	Container     *Container // nil = nothing runs
	Target        string     // what the proxy serves; empty = not behind the proxy
	Astray        bool       // the proxy serves another target, or none
	Others        []string   // names of running containers that do not serve
}

// Live tells what serves each of the roles on a host.
func Live(cfg *config.Config, roles []*config.Role, h HostState) []LiveRole {
	w := newWords(Input{Config: cfg, State: State{Hosts: []HostState{h}}})
	var out []LiveRole
	for _, role := range roles {
		c := w.serving(h.Name, role)
		l := LiveRole{Role: role.Name, Container: c}
		if c != nil {
			l.Version = w.ref(role, *c).Version
		}
		if role.Proxied {
			l.Target = h.Proxy.Services[w.prefix(role.Name)]
			id, _, _ := strings.Cut(l.Target, ":")
			l.Astray = c != nil && (id == "" || !strings.HasPrefix(c.ID, id))
		}
		for _, s := range h.stale(role.Name, cfg.Destination, c) {
			l.Others = append(l.Others, s.Name)
		}
		out = append(out, l)
	}
	return out
}

// StaleOf names the running containers of a role on a host that do not serve.
func StaleOf(cfg *config.Config, role *config.Role, h HostState) []Ref {
	w := newWords(Input{Config: cfg, State: State{Hosts: []HostState{h}}})
	var out []Ref
	for _, c := range h.stale(role.Name, cfg.Destination, w.serving(h.Name, role)) {
		out = append(out, w.ref(role, c))
	}
	return out
}
