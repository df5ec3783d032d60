package plan

import (
	"fmt"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// Maker makes the plan of one command from what the hosts show.
type Maker func(Input) (Plan, error)

// newCommand begins the plan of a command that is no rollout.
func newCommand(in Input, command string) *builder {
	in.Options.Command = command
	return &builder{in: in, words: newWords(in), plan: Plan{Command: command, Version: in.Options.Version}}
}

// AppStop plans app stop: each role leaves the proxy, then all that runs of it
// stops. Kamal stops the newest container only.
func AppStop(in Input) (Plan, error) {
	b := newCommand(in, "app stop")
	for _, host := range in.Selection.AppHosts {
		for _, role := range b.in.Selection.RolesOn(host) {
			b.stop(host, role)
		}
	}
	b.nothing("nothing of the app runs on these hosts")
	return b.plan, nil
}

// stop plans the end of one role on one host; "" when it neither runs nor is on
// the proxy.
func (b *builder) stop(host string, role *config.Role) string {
	st := b.in.State.Host(host)
	end := &Ending{StopTimeout: resolve.StopTimeout(b.in.Config, role)}
	if service := b.words.prefix(role.Name); role.Proxied && st.Proxy.Services[service] != "" {
		end.Service = service
	}
	for _, c := range st.role(role.Name, b.in.Config.Destination) {
		if c.Running() {
			end.Containers = append(end.Containers, b.words.ref(role, c))
		}
	}
	title := ""
	if end.Service != "" {
		title = "kamal-proxy remove " + end.Service
	}
	if len(end.Containers) > 0 {
		title = joined(title, "stop "+names(end.Containers))
	}
	if title == "" {
		return ""
	}
	return b.add(Step{
		ID: host + "/" + role.Name + "/stop", Kind: Halt, Host: host, Role: role.Name, Effect: Write,
		Title: title, Undo: "`hwdeploy app start`", Stop: end, Audit: []string{"Stopped app"},
	})
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// nothing notes, in a plan without steps, why.
func (b *builder) nothing(why string) {
	if len(b.plan.Steps) == 0 {
		b.plan.Notes = append(b.plan.Notes, why)
	}
}

// AppStale plans the end of containers that run and do not serve.
func AppStale(in Input) (Plan, error) {
	b := newCommand(in, "app stale_containers")
	for _, host := range in.Selection.AppHosts {
		if stale := b.staleOn(host); len(stale) > 0 {
			b.add(Step{
				ID: host + "/reap", Kind: Reap, Host: host, Effect: Lasting,
				Title: "stop stale " + names(stale), Reap: stale,
			})
		}
	}
	b.nothing("there are no stale containers")
	return b.plan, nil
}

// AppPause plans app live and app maintenance: line gives the proxy's command for a
// role.
func AppPause(command string, line func(in Input, role string) string) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, command)
		for _, host := range in.Selection.AppHosts {
			for _, role := range b.in.Selection.RolesOn(host) {
				if !role.Proxied {
					continue
				}
				b.add(Step{
					ID: host + "/" + role.Name + "/proxy", Kind: Command, Host: host, Role: role.Name, Effect: Write,
					Line: line(in, role.Name), Title: line(in, role.Name), Undo: "none needed: `hwdeploy app live` and `app maintenance` undo each other",
				})
			}
		}
		b.nothing(fmt.Sprintf("no selected role is behind the proxy: nothing to do for %s", command))
		return b.plan, nil
	}
}
