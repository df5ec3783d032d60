package deploy

import (
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// schedule knows which steps may start. It reads outcomes, never mere ends: a
// step whose prerequisite failed is never started.
type schedule struct {
	plan    plan.Plan
	status  map[string]event.Status // empty = has not ended
	started map[string]bool
	stopped bool
}

func newSchedule(p plan.Plan) *schedule {
	return &schedule{plan: p, status: map[string]event.Status{}, started: map[string]bool{}}
}

// ready gives the steps that may start now, once each.
func (s *schedule) ready() []plan.Step {
	if s.stopped {
		return nil
	}
	var out []plan.Step
	for _, step := range s.plan.Steps {
		if !s.started[step.ID] && s.may(step) {
			s.started[step.ID] = true
			out = append(out, step)
		}
	}
	return out
}

func (s *schedule) may(step plan.Step) bool {
	for _, need := range step.Needs {
		if s.status[need] != event.Succeeded {
			return false
		}
	}
	if len(step.AnyOf) == 0 {
		return true
	}
	for _, one := range step.AnyOf {
		if s.status[one] == event.Succeeded {
			return true
		}
	}
	return false
}

func (s *schedule) end(id string, status event.Status) { s.status[id] = status }

func (s *schedule) stop() { s.stopped = true }
