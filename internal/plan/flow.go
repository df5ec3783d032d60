package plan

import (
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// Extras are the flow's steps outside the hosts.
type Extras struct {
	Worker     bool // deploy the edge worker
	Redirects  bool // upload the bulk redirects
	Everything bool // purge the whole zone, whatever the configuration says
	NoPurge    bool // purge nothing
}

// WithFlow gives the plan as a reader of the whole flow wants it: with what is
// done beside the hosts, under the names of its phases, and what is not done and
// why. sourcemaps tells that the role that has the maps is selected. Nobody walks
// these steps: they are carried out around the rollout.
func (p Plan) WithFlow(x config.Extension, o Extras, sourcemaps bool) Plan {
	if len(p.Steps) == 0 {
		if o.Worker || o.Redirects || o.Everything {
			p.Notes = append(slices.Clone(p.Notes), "nothing is done in front of the hosts either: leave out --if-changed, or use the commands under `edge`")
		}
		return p
	}
	var before, after []Step
	if a := x.Assets; a != nil && a.When == "after-swap" {
		after = append(after, syncStep(a))
	} else if a != nil {
		before = append(before, syncStep(a))
	}
	if x.Sourcemaps != nil && sourcemaps {
		after = append(after, Step{
			ID: "sourcemaps", Kind: Sourcemaps, Effect: Lasting, Undo: "none",
			Title: "start the upload of source maps in the new container of the primary host, and do not wait: " + x.Sourcemaps.Cmd,
		})
	}
	if x.Edge != nil {
		after = append(after, edgeSteps(x.Edge, o)...)
	}
	p.Steps = append(append(before, p.Steps...), after...)
	p.Notes = append(append([]string(nil), p.Notes...), leftOut(x, o)...)
	return p
}

func syncStep(a *config.Assets) Step {
	fails := "a failure stops here, with the old version serving"
	switch {
	case a.OnFailure == "warn":
		fails = "a failure is a warning"
	case a.When == "after-swap":
		fails = "a failure undoes nothing"
	}
	return Step{
		ID: "assets", Kind: SyncAssets, Effect: Lasting, Undo: "none needed: nothing is deleted there",
		Title: "sync hashed assets of " + strings.Join(a.Paths, ", ") + " to " + a.Bucket + "; " + fails,
	}
}

func edgeSteps(e *config.Edge, o Extras) []Step {
	var out []Step
	add := func(id, title string) {
		out = append(out, Step{ID: "edge/" + id, Kind: Edge, Effect: Lasting, Undo: "none", Title: title})
	}
	if o.Worker {
		add("worker", "deploy the edge worker of "+e.Worker+", if it changed")
	}
	if r := e.Redirects; o.Redirects && r != nil {
		add("redirects", "upload the bulk redirects of "+strings.Join(r.Files, ", ")+" to the list "+r.List+", if they differ")
	}
	switch {
	case o.NoPurge:
	case o.Everything || e.Purge == "everything":
		add("purge", "purge the edge cache: the whole zone, and what waits in "+e.PurgeQueue)
	default:
		add("purge", "purge the edge cache: only what waits in "+e.PurgeQueue)
	}
	return out
}

// leftOut says what the flow could do and does not.
func leftOut(x config.Extension, o Extras) []string {
	var none, off, out []string
	e := x.Edge
	for _, part := range []struct {
		name    string
		missing bool
	}{
		{"migrate", x.Migrate == nil}, {"quiet", x.Quiet == nil}, {"assets", x.Assets == nil}, {"sourcemaps", x.Sourcemaps == nil},
		{"edge", e == nil}, {"edge/worker", e != nil && e.Worker == ""}, {"edge/redirects", e != nil && e.Redirects == nil},
	} {
		if part.missing {
			none = append(none, part.name)
		}
	}
	if e != nil && e.Worker != "" && !o.Worker {
		off = append(off, "the edge worker (-e)")
	}
	if e != nil && e.Redirects != nil && !o.Redirects {
		off = append(off, "the bulk redirects (-r)")
	}
	if len(none) > 0 {
		out = append(out, "not configured in x-hwdeploy, and not done: "+strings.Join(none, ", "))
	}
	if len(off) > 0 {
		out = append(out, "not asked for: "+strings.Join(off, ", "))
	}
	return out
}
