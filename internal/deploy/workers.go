package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/hooks"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// observeWorkers asks the running workers of a host whether they take jobs. One
// that has just died or does not answer in ten seconds is neither quiet nor
// fetching nor mute; docker's exit code for a missing shell is that of others, so
// its words are read.
func (e *Engine) observeWorkers(ctx context.Context, h Host, st *plan.HostState) error {
	q := e.Config.Extension.Quiet
	if q == nil {
		return nil
	}
	argv := hooks.IsQuiet()
	var parts []string
	for _, role := range q.Roles {
		parts = append(parts, fmt.Sprintf(
			`for c in $(docker ps -q --no-trunc %s); do said=$(timeout 10 docker exec $c %s %s %s 2>&1); code=$?; case $said in *"xecutable file"*"not found"*) code=mute ;; esac; echo "$code $c"; done`,
			e.app().Filters(role), argv[0], argv[1], run.Quote(argv[2])))
	}
	res, err := h.Run(ctx, run.Cmd{Name: "look at the workers", Line: strings.Join(parts, "; ")})
	for l := range strings.Lines(res.Stdout) {
		switch code, id, _ := strings.Cut(strings.TrimSpace(l), " "); code {
		case "0":
			st.Quiet = append(st.Quiet, id)
		case "1":
			st.Fetching = append(st.Fetching, id)
		case "mute":
			st.Mute = append(st.Mute, id)
		}
	}
	return err
}

// liveWorkers are the containers of a host that a rollout tells to be quiet.
func (e *Engine) liveWorkers(st plan.HostState) []plan.Container {
	var out []plan.Container
	q := e.Config.Extension.Quiet
	if q == nil {
		return nil
	}
	for _, l := range plan.Live(e.Config, e.Selection.RolesOn(st.Name), st) {
		if l.Container != nil && slices.Contains(q.Roles, l.Role) {
			out = append(out, *l.Container)
		}
	}
	return out
}

// dockerStop is how long docker waits for a container to stop unless told, and
// sidekiqStop how long Sidekiq takes by default to put unfinished jobs back: killed
// before that, it loses them, or runs them again much later. Seconds.
var dockerStop = 10

const sidekiqStop = 25

// shortStops tells of workers that are killed before they can put jobs back.
func (e *Engine) shortStops() {
	q := e.Config.Extension.Quiet
	if q == nil {
		return
	}
	for _, role := range e.Selection.Roles {
		seconds := *cmp.Or(resolve.StopTimeout(e.Config, role), &dockerStop)
		if slices.Contains(q.Roles, role.Name) && seconds < sidekiqStop {
			e.notice("", fmt.Sprintf("%s has %d s to stop (stop_timeout); Sidekiq takes up to %d s by default to put unfinished jobs back", role.Name, seconds, sidekiqStop))
		}
	}
}

// muteWorker says what is wrong with a worker, in the first line, and what helps.
func muteWorker(c plan.Container) error {
	return fmt.Errorf("%s has no sh: it cannot be told to be quiet\nput sh and sleep into the image; until that runs, leave its role out of x-hwdeploy.quiet.roles", c.Name)
}
