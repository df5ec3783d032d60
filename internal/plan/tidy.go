package plan

import (
	"slices"
	"strings"
)

// tidy plans, for every host on which something was replaced, the removal of the
// asset and error page folders that only older versions used. It waits for the
// last host: until then a rollout may return, and the old containers and the
// proxy would need them.
func (b *builder) tidy(after []string) {
	for _, host := range b.in.Selection.AppHosts {
		f := b.leftovers(host)
		if f == nil {
			continue
		}
		var of []string
		for _, role := range f.Assets {
			of = append(of, "assets of "+role)
		}
		if f.ErrorPages {
			of = append(of, "error pages")
		}
		b.add(Step{
			ID: host + "/tidy", Kind: Tidy, Host: host, Effect: Lasting, Tidy: f, Needs: slices.Clone(after),
			Title: "remove older versions' " + strings.Join(of, ", "),
		})
	}
}

// leftovers gives the folders of a host that have other versions in them: assets
// of each role that was replaced, error pages when any role was. Error pages
// stay while a role behind the proxy is left at its version.
func (b *builder) leftovers(host string) *Folders {
	f := &Folders{}
	replaced := map[string]bool{}
	for _, s := range b.plan.Steps {
		if s.Kind == StopOld && s.Host == host {
			replaced[s.Role] = true
			f.ErrorPages = b.in.Config.ErrorPagesPath != ""
		}
	}
	booted := map[string]bool{}
	for _, role := range b.in.Selection.RolesOn(host) {
		booted[role.Name] = true
		if replaced[role.Name] && role.Proxied && role.AssetPath != "" {
			f.Assets = append(f.Assets, role.Name)
		}
	}
	for _, role := range b.in.Config.Roles {
		if role.Proxied && role.HasHost(host) && !booted[role.Name] {
			f.ErrorPages = false
		}
	}
	if len(f.Assets) == 0 && !f.ErrorPages {
		return nil
	}
	return f
}
