package ui

import "github.com/warmlyyours/hwdeploy/internal/event"

// Many hands every event to several sinks, in order.
type Many []event.Sink

// Emit hands the event on.
func (m Many) Emit(e event.Event) {
	for _, s := range m {
		s.Emit(e)
	}
}
