package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// Recover plans what brings a fleet to rest after a run that died: quieted
// workers take jobs again and running containers that do not serve stop. It
// decides nothing about versions: where hosts differ, or nothing serves, it says
// so. State must tell of quiet workers (HostState.Quiet).
func Recover(in Input) Plan {
	b := &builder{in: in, words: newWords(in), plan: Plan{Command: "recover"}}
	for _, host := range in.Selection.AppHosts {
		stale := b.surelyStale(host)
		if quiet := b.quieted(host, stale); len(quiet) > 0 {
			b.add(Step{
				ID: host + "/resume", Kind: Resume, Host: host, Effect: Write, Title: "resume " + names(quiet), Quiet: &Workers{Containers: quiet},
			})
		}
		if len(stale) > 0 {
			b.add(Step{
				ID: host + "/reap", Kind: Reap, Host: host, Effect: Lasting, Title: "stop " + names(stale) + ", which does not serve", Reap: stale,
			})
		}
		for _, name := range in.State.Host(host).OneOffs {
			b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("%s: %s still runs", host, name))
		}
	}
	b.versionNotes()
	return b.plan
}

// quieted gives the quiet workers of a host that stay.
func (b *builder) quieted(host string, stale []Ref) []Ref {
	var out []Ref
	st := b.in.State.Host(host)
	for _, role := range b.in.Selection.RolesOn(host) {
		for _, c := range st.role(role.Name, b.in.Config.Destination) {
			if slices.Contains(st.Quiet, c.ID) && !holds(stale, c.ID) {
				out = append(out, b.words.ref(role, c))
			}
		}
	}
	return out
}

func holds(refs []Ref, id string) bool {
	for _, r := range refs {
		if r.ID == id {
			return true
		}
	}
	return false
}

// surelyStale is staleOn without the roles of which nobody can tell what serves:
// several run, and the proxy serves none of them.
func (b *builder) surelyStale(host string) []Ref {
	var out []Ref
	st := b.in.State.Host(host)
	for _, role := range b.in.Selection.RolesOn(host) {
		c := b.words.serving(host, role)
		stale := st.stale(role.Name, b.in.Config.Destination, c)
		if len(stale) > 0 && role.Proxied && !b.proxyServes(host, role, c) {
			b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("%s: several containers of %s run and kamal-proxy serves none of them: deploy, or roll back", host, role.Name))
			continue
		}
		for _, s := range stale {
			out = append(out, b.words.ref(role, s))
		}
	}
	return out
}

func (b *builder) proxyServes(host string, role *config.Role, c *Container) bool {
	id, _, _ := strings.Cut(b.in.State.Host(host).Proxy.Services[b.words.prefix(role.Name)], ":")
	return c != nil && id != "" && strings.HasPrefix(c.ID, id)
}

// versionNotes says where a role has several versions, or none.
func (b *builder) versionNotes() {
	for _, role := range b.in.Selection.Roles {
		on := map[string][]string{}
		for _, host := range b.in.Selection.AppHosts {
			if v, ok := Serving(b.in.Config, role, b.in.State.Host(host)); ok {
				on[v] = append(on[v], host)
			}
		}
		if hosts := on["nothing"]; len(hosts) > 0 {
			b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("nothing of %s runs on %s: deploy, or `hwdeploy rollback --restart VERSION`", role.Name, strings.Join(hosts, ", ")))
		}
		if len(on) > 1 {
			var parts []string
			for v, hosts := range on {
				parts = append(parts, v+" on "+strings.Join(hosts, ", "))
			}
			sort.Strings(parts)
			b.plan.Notes = append(b.plan.Notes, fmt.Sprintf("%s has several versions (%s): deploy, or roll back", role.Name, strings.Join(parts, "; ")))
		}
	}
}
