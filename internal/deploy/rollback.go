package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// Rollback boots a version that the hosts have, as container or as image; where
// it is missing it is pulled, and otherwise the registry is not asked. There is
// no build and never a migrate. A version that is nowhere is a *NoVersionError.
func (e *Engine) Rollback(ctx, hard context.Context, r Request) error {
	begin := e.Now()
	r.Command = "rollback"
	if !r.Restart { // which needs no secrets
		if _, err := e.Secrets.All(ctx); err != nil {
			return err
		}
	}
	if err := e.PreConnect(ctx, cmp.Or(r.Version, r.Head), r.SkipHooks); err != nil {
		return untouched(err)
	}
	observed, err := e.aim(ctx, &r)
	if err != nil {
		return untouched(err)
	}
	if err := e.ensureVersion(ctx, observed, r); err != nil {
		return untouched(err)
	}
	e.sayMigrates(ctx, r.Version, e.notice)
	if err := e.underLock(ctx, hard, r, func(ctx context.Context, h *held) error {
		return e.rollout(ctx, hard, r, h, nil)
	}); err != nil {
		return err
	}
	return e.postDeploy(ctx, r, begin)
}

// PlanRollback forecasts a rollback and changes nothing: the registry is not asked
// for a version that hosts lack.
func (e *Engine) PlanRollback(ctx context.Context, r Request) (plan.Plan, error) {
	r.Command = "rollback"
	observed, err := e.aim(ctx, &r)
	if err != nil {
		return plan.Plan{}, err
	}
	missing, _ := e.lacking(observed, r)
	if len(missing) > 0 && r.Restart {
		return plan.Plan{}, e.noVersion(observed, r, missing)
	}
	p, err := e.planRollout(ctx, observed, r)
	if len(missing) > 0 {
		p.Notes = append(p.Notes, r.Version+" is not there yet and would be pulled, if the registry has it: "+strings.Join(missing, ", "))
	}
	e.sayMigrates(ctx, r.Version, func(_, note string) { p.Notes = append(p.Notes, note) })
	return p, err
}

// aim observes, and finds the version that is meant where none is named.
func (e *Engine) aim(ctx context.Context, r *Request) (*plan.State, error) {
	observed, err := e.look(ctx)
	if err == nil && r.Version == "" {
		r.Version, err = e.chooseVersion(ctx, observed, *r)
	}
	return observed, err
}

// VersionChoice is a version that may be rolled back to.
type VersionChoice struct {
	Version string
	Label   string // version, age of its container, where
	// Previous marks the one that served before.
	Previous bool
}

// chooseVersion asks for the version where there is somebody to ask, else takes
// the previous one.
func (e *Engine) chooseVersion(ctx context.Context, observed *plan.State, r Request) (string, error) {
	in := e.input(observed, r)
	memories, err := e.remembered(ctx, e.Selection.AppHosts)
	if err != nil {
		e.warn("", "which versions went live is not known: "+err.Error(), "")
	}
	never := neverLive(e.past(memories))
	previous := plan.Previous(in, never)
	choices := e.choices(in, previous, never)
	if e.Choose != nil && len(choices) > 0 {
		return e.Choose(ctx, choices)
	}
	if previous == "" {
		return "", &NoVersionError{Version: "(the previous one)", Missing: []string{"no stopped container of an older version"}, Available: plan.Versions(in)}
	}
	return previous, nil
}

// choices are the versions that do not serve on every host, the newest first.
func (e *Engine) choices(in plan.Input, previous string, never []string) []VersionChoice {
	at, hosts, live := map[string]time.Time{}, map[string][]string{}, map[string]int{}
	places := 0
	for _, host := range e.Selection.AppHosts {
		for _, role := range e.Selection.RolesOn(host) {
			places++
			for _, d := range e.deployedOn(in.State.Host(host), role) {
				if d.State == "live" {
					live[d.Version]++
				}
				if d.When.After(at[d.Version]) {
					at[d.Version] = d.When
				}
				if !slices.Contains(hosts[d.Version], host) {
					hosts[d.Version] = append(hosts[d.Version], host)
				}
			}
		}
	}
	var out []VersionChoice
	for _, v := range plan.Versions(in) {
		if live[v] == places {
			continue
		}
		label := v + "  image only"
		if !at[v].IsZero() {
			label = fmt.Sprintf("%s  %s on %s", v, at[v].UTC().Format("2006-01-02 15:04"), strings.Join(hosts[v], ", "))
		}
		switch {
		case v == previous:
			label += "  (the previous one)"
		case slices.Contains(never, v):
			label += "  (never went live)"
		}
		out = append(out, VersionChoice{Version: v, Label: label, Previous: v == previous})
	}
	return out
}

func (e *Engine) input(observed *plan.State, r Request) plan.Input {
	return plan.Input{Config: e.Config, Selection: e.Selection, State: *observed, Options: plan.Options{Version: r.Version, Run: e.RunID}}
}

// ensureVersion sees to it that REPO:V is on every app host: pulled, or tagged from
// the version's container.
func (e *Engine) ensureVersion(ctx context.Context, observed *plan.State, r Request) error {
	missing, hosts := e.lacking(observed, r)
	if len(missing) > 0 && r.Restart {
		return e.noVersion(observed, r, missing)
	}
	if len(missing) > 0 {
		if err := e.pullOnly(ctx, hosts, r.Version); err != nil {
			e.notice("", "the registry does not give it either: "+err.Error())
			return e.noVersion(observed, r, missing)
		}
	}
	for _, a := range plan.Available(e.input(observed, r)) {
		if a.Tagged || a.ImageID == "" {
			continue
		}
		h, err := e.host(a.Host)
		if err != nil {
			return err
		}
		if err := h.Docker().Tag(ctx, a.ImageID, e.image(r.Version)); err != nil {
			return err
		}
	}
	return nil
}

// lacking tells what is not there of a version, in words, and the hosts to pull its
// image on.
func (e *Engine) lacking(observed *plan.State, r Request) (missing, hosts []string) {
	for _, a := range plan.Available(e.input(observed, r)) {
		switch {
		case r.Restart && a.Container == "":
			missing = append(missing, fmt.Sprintf("no container of %s on %s", a.Role, a.Host))
		case a.ImageID == "":
			missing = append(missing, fmt.Sprintf("%s on %s", a.Role, a.Host))
			if !slices.Contains(hosts, a.Host) {
				hosts = append(hosts, a.Host)
			}
		}
	}
	return missing, hosts
}

func (e *Engine) noVersion(observed *plan.State, r Request, missing []string) error {
	return &NoVersionError{Version: r.Version, Missing: missing, Available: plan.Versions(e.input(observed, r))}
}
