package plan

import (
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// Removing says which parts of app remove are meant.
type Removing struct {
	Stop       bool
	Containers bool
	Version    string // the containers of this version only
	Images     bool
	Folders    bool
}

// AppRemove plans app remove and its parts. Images and folders go only from hosts
// on which every role is selected. Another destination keeps its tags, which
// Kamal takes away.
func AppRemove(what Removing) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, "app remove")
		for _, host := range in.Selection.AppHosts {
			b.remove(host, what)
		}
		b.nothing("there is nothing to remove")
		return b.plan, nil
	}
}

func (b *builder) remove(host string, what Removing) {
	var gone []string
	for _, role := range b.in.Selection.RolesOn(host) {
		var needs []string
		if what.Stop {
			if id := b.stop(host, role); id != "" {
				needs = append(needs, id)
			}
		}
		if what.Containers {
			gone = append(gone, b.removeContainers(host, role, what.Version, needs))
		}
	}
	if !b.allRolesOn(host) {
		return
	}
	if what.Images {
		b.removeImages(host, gone)
	}
	if what.Folders {
		b.removeFolders(host, gone)
	}
}

// removeContainers plans the removal of a role's stopped containers, those among
// them that this plan stops.
func (b *builder) removeContainers(host string, role *config.Role, version string, needs []string) string {
	r, audit := &Removal{}, "Removed all app containers"
	if version != "" {
		audit = "Removed app container with version " + version
	}
	stopped, _ := b.stoppedAfter(host, b.in.State.Host(host))
	for _, c := range stopped {
		mine := c.Role == role.Name && c.HasDestination && c.Destination == b.in.Config.Destination
		if mine && (version == "" || c.Name == b.words.app.Role(role.Name).Container(version)) {
			r.Containers = append(r.Containers, Ref{ID: c.ID, Name: c.Name})
		}
	}
	return b.add(Step{
		ID: host + "/" + role.Name + "/remove", Kind: PruneContainers, Host: host, Role: role.Name, Effect: Lasting, Needs: needs,
		Title: "containers of " + role.Name + r.containers(), Prune: r, Audit: []string{audit},
	})
}

// removeImages plans the removal of the app's images, and of what app exec left.
func (b *builder) removeImages(host string, needs []string) {
	st := b.in.State.Host(host)
	var left []Ref
	stopped, stay := b.stoppedAfter(host, st)
	for _, c := range stopped {
		switch {
		case !b.ours(c):
			stay = append(stay, c)
		case c.Role == "":
			left = append(left, Ref{ID: c.ID, Name: c.Name})
		}
	}
	if len(left) > 0 {
		needs = append(needs, b.add(Step{
			ID: host + "/leftovers", Kind: PruneContainers, Host: host, Effect: Lasting, Needs: needs,
			Title: "what app exec left; remove " + names(left), Prune: &Removal{Containers: left},
		}))
	}
	r := &Removal{Tags: b.tagsToRemove(st, stay), Dangling: true}
	b.add(Step{
		ID: host + "/images", Kind: PruneImages, Host: host, Effect: Lasting, Needs: needs,
		Title: "remove the app's images" + r.tags(), Prune: r, Audit: []string{"Removed all app images"},
	})
}

// tagsToRemove are the service's tags but for those that containers name. Where
// another destination lives on the host too, a tag that no container of ours
// names may be its next version, and its latest is not ours.
func (b *builder) tagsToRemove(st HostState, stay []Container) []string {
	latest := b.in.Config.Repository() + ":latest"
	named, used, shared := map[string]bool{b.words.latest(): true}, map[string]bool{}, false
	for _, c := range st.Containers {
		if b.ours(c) {
			named[c.Image] = true
		} else if c.HasDestination {
			shared = true
		}
	}
	for _, c := range stay {
		used[c.Image] = true
	}
	var tags []string
	for _, i := range st.Images {
		for _, tag := range i.Tags {
			others := strings.HasPrefix(tag, latest) && tag != b.words.latest()
			if i.Service == b.in.Config.Service && !used[tag] && !others && (!shared || named[tag]) {
				tags = append(tags, tag)
			}
		}
	}
	slices.Sort(tags)
	return tags
}

// removeFolders plans the removal of what lies in files: env files, assets, error
// pages, certificates, and what hwdeploy noted about containers.
func (b *builder) removeFolders(host string, needs []string) {
	app := b.words.app
	b.add(Step{
		ID: host + "/folders", Kind: Command, Host: host, Effect: Lasting, Needs: needs,
		Title: "remove " + app.AppDir() + " and " + app.ProxyAppDir(), Line: removeFoldersLine(app),
		Audit: []string{"Removed " + app.AppDir()},
	})
}

func removeFoldersLine(app kamal.App) string {
	return app.RemoveAppDirLine() + " 2>/dev/null; " + app.RemoveProxyAppDirLine() + " 2>/dev/null; rm -f " + app.GuardDir() + "/booted-*"
}

// allRolesOn tells whether every role of a host is selected.
func (b *builder) allRolesOn(host string) bool {
	n := 0
	for _, role := range b.in.Config.Roles {
		if role.HasHost(host) {
			n++
		}
	}
	return n == len(b.in.Selection.RolesOn(host))
}
