package config

import (
	"sort"
	"strings"
)

// destinationVariable is set or cleared before the files are rendered, so that
// templates, secrets commands and hooks see it.
const destinationVariable = "KAMAL_DESTINATION"

// environment is the environment that templates read and change.
type environment struct{ vars map[string]string }

func newEnvironment(environ []string) *environment {
	e := &environment{vars: make(map[string]string, len(environ))}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok {
			e.vars[name] = value
		}
	}
	return e
}

func (e *environment) get(name string) (string, bool) {
	v, ok := e.vars[name]
	return v, ok
}

func (e *environment) set(name, value string) { e.vars[name] = value }

func (e *environment) unset(name string) { delete(e.vars, name) }

func (e *environment) setDestination(destination string) {
	if destination == "" {
		e.unset(destinationVariable)
		return
	}
	e.set(destinationVariable, destination)
}

// list gives KEY=VALUE, sorted.
func (e *environment) list() []string {
	out := make([]string, 0, len(e.vars))
	for name, value := range e.vars {
		out = append(out, name+"="+value)
	}
	sort.Strings(out)
	return out
}
