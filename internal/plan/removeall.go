package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// Remove plans the end of everything: the app, its accessories, the proxies that
// nothing else needs, and the registry's login. Accessories go before the proxy,
// which knows some of them; Kamal's order fails there.
func Remove(in Input) (Plan, error) {
	b := newCommand(in, "remove")
	for _, host := range in.Selection.AppHosts {
		b.remove(host, Removing{Stop: true, Containers: true, Images: true, Folders: true})
	}
	b.gateAll()
	for _, a := range in.Config.Accessories {
		b.accessory("remove", a)
	}
	b.gateAll()
	for _, host := range in.Selection.ProxyHosts {
		if others := b.otherUsers(host); len(others) > 0 {
			b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("%s: Not removing the proxy, as other apps are installed: %s", host, strings.Join(others, ", ")))
			continue
		}
		b.dropProxy(host)
	}
	if r := in.Config.Registry; !r.Local {
		for _, host := range in.Selection.Hosts {
			b.add(Step{ID: host + "/logout", Kind: Command, Host: host, Effect: Lasting, Title: "log out of the registry", Line: kamal.LogoutLine(r.Server)})
		}
	}
	return b.plan, nil
}

// gateAll makes what follows wait for all that is planned so far.
func (b *builder) gateAll() {
	b.gate = nil
	for _, s := range b.plan.Steps {
		b.gate = append(b.gate, s.ID)
	}
}

// otherUsers are the services that need a host's proxy and are not ours.
func (b *builder) otherUsers(host string) []string {
	ours := []string{b.words.app.Full()}
	for _, r := range b.in.Config.Roles {
		ours = append(ours, b.words.prefix(r.Name))
	}
	for _, a := range b.in.Config.Accessories {
		ours = append(ours, a.Service)
	}
	return slices.DeleteFunc(users(b.in.State.Host(host)), func(s string) bool { return slices.Contains(ours, s) })
}
