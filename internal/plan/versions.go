package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// Serving names the version that serves a role on a host, for reports; false
// where the role does not belong to the host.
func Serving(cfg *config.Config, role *config.Role, h HostState) (string, bool) {
	if !role.HasHost(h.Name) {
		return "", false
	}
	if v, serves := ServingVersion(cfg, role, h); serves {
		return v, true
	}
	return "nothing", true
}

// ServingVersion names the version that serves a role on a host; false when none
// does.
func ServingVersion(cfg *config.Config, role *config.Role, h HostState) (string, bool) {
	w := newWords(Input{Config: cfg, State: State{Hosts: []HostState{h}}})
	if c := w.serving(h.Name, role); c != nil {
		return w.ref(role, *c).Version, true
	}
	return "", false
}

// Availability is what a host has of a version, for one role.
type Availability struct {
	Host, Role string
	Container  string // id of the container of that version; empty = none
	ImageID    string // of the image REPO:V, or of that container; empty = none
	Tagged     bool   // REPO:V exists on the host
}

// Available tells per host and role what is there of a version.
func Available(in Input) []Availability {
	var out []Availability
	b := &builder{in: in, words: newWords(in)}
	for _, host := range in.Selection.AppHosts {
		st := in.State.Host(host)
		image := st.imageTagged(b.words.image())
		for _, role := range b.in.Selection.RolesOn(host) {
			a := Availability{Host: host, Role: role.Name, ImageID: image, Tagged: image != ""}
			if c := st.named(b.words.container(role.Name)); c != nil {
				a.Container = c.ID
				if a.ImageID == "" {
					a.ImageID = c.ImageID
				}
			}
			out = append(out, a)
		}
	}
	return out
}

// Versions lists the versions that the hosts have, as container or image, the
// newest container first.
func Versions(in Input) []string {
	w := newWords(in)
	newest := map[string]int64{}
	for _, h := range in.State.Hosts {
		for _, role := range in.Config.Roles {
			for _, c := range h.role(role.Name, in.Config.Destination) {
				v := w.ref(role, c).Version
				if !strings.Contains(v, "_replaced_") {
					newest[v] = max(newest[v], c.Created)
				}
			}
		}
		for _, i := range h.Images {
			for _, t := range i.Tags {
				v := strings.TrimPrefix(t, in.Config.Repository()+":")
				if _, known := newest[v]; !known && !strings.HasPrefix(v, "latest") {
					newest[v] = 0
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(newest), func(a, b string) int {
		return cmp.Or(cmp.Compare(newest[b], newest[a]), strings.Compare(a, b))
	})
}

// Previous names the version that served before: the newest stopped container
// of the primary role on the primary host that is not the serving version, nor
// one of those that never served.
func Previous(in Input, never []string) string {
	w := newWords(in)
	st := in.State.Host(in.Selection.PrimaryHost)
	for _, role := range in.Config.Roles {
		if role.Name != in.Selection.PrimaryRole {
			continue
		}
		serving := ""
		if c := w.serving(st.Name, role); c != nil {
			serving = w.ref(role, *c).Version
		}
		for _, c := range st.role(role.Name, in.Config.Destination) {
			v := w.ref(role, c).Version
			if !c.Running() && v != serving && !strings.Contains(v, "_replaced_") && !slices.Contains(never, v) {
				return v
			}
		}
	}
	return ""
}
