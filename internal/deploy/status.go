package deploy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// RoleStatus is what serves a role on a host.
type RoleStatus struct {
	Host      string    `json:"host"`
	Role      string    `json:"role"`
	Version   string    `json:"version"` // "nothing" where nothing runs
	Container string    `json:"container,omitempty"`
	Since     time.Time `json:"since,omitzero"` // creation of the container
	// Target is what the proxy serves, "short id:port"; empty = not behind it.
	Target string `json:"target,omitempty"`
	// State is "running"; "quiet" or "fetching" for workers; "not behind the
	// proxy" where it should be; "down"; "unreachable".
	State string `json:"state"`
	// Others are running containers of the role that do not serve.
	Others []string `json:"others,omitempty"`
}

// Status is what serves where, and who is at work.
type Status struct {
	Roles []RoleStatus      `json:"roles"`
	Locks map[string]Lock   `json:"locks,omitempty"` // by host
	Alive map[string]string `json:"alive,omitempty"` // host → id of the run that is at work
}

// Status asks every host what serves. It changes nothing. Where some hosts cannot
// be reached it tells of the others, beside the *ConnectError.
func (e *Engine) Status(ctx context.Context) (Status, error) {
	names := slices.Clone(e.lockHosts())
	unreachable := e.connect(ctx, names)
	var down *ConnectError
	if errors.As(unreachable, &down) {
		names = slices.DeleteFunc(names, func(h string) bool { return down.Hosts[h] != nil })
	}
	if len(names) == 0 {
		return Status{}, unreachable
	}
	seen, err := e.inspect(ctx, names)
	if err != nil {
		return Status{}, errors.Join(unreachable, err)
	}
	out := Status{Locks: seen.Locks, Alive: seen.Alive}
	for _, host := range e.Selection.AppHosts {
		st := seen.State.Host(host)
		for _, s := range plan.Live(e.Config, e.Selection.RolesOn(host), st) {
			r := roleStatus(st, s)
			if !slices.Contains(names, host) {
				r.Version, r.State = "?", "unreachable"
			}
			out.Roles = append(out.Roles, r)
		}
	}
	return out, unreachable
}

func roleStatus(st plan.HostState, s plan.LiveRole) RoleStatus {
	r := RoleStatus{Host: st.Name, Role: s.Role, Version: "nothing", State: "down", Target: s.Target, Others: s.Others}
	if s.Container == nil {
		return r
	}
	r.Version, r.Container, r.Since, r.State = s.Version, s.Container.Name, time.Unix(s.Container.Created, 0).UTC(), s.Container.State
	switch {
	case s.Astray:
		r.State = "not behind the proxy"
	case slices.Contains(st.Quiet, s.Container.ID):
		r.State = "quiet"
	case slices.Contains(st.Fetching, s.Container.ID):
		r.State = "fetching"
	}
	return r
}
