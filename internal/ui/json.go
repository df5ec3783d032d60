package ui

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// JSON writes one JSON object per event and line; docs/events.md says its form.
type JSON struct {
	mu  sync.Mutex
	enc *json.Encoder
	now func() time.Time
	seq int
}

// NewJSON makes a JSON sink.
func NewJSON(w io.Writer, now func() time.Time) *JSON {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &JSON{enc: enc, now: now}
}

// Emit writes the event with its version, number and time.
func (j *JSON) Emit(e event.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Version, e.Seq, e.Time = event.Version, j.seq, j.now().UTC()
	j.enc.Encode(e) //nolint:errcheck,gosec // nothing can be told when this fails
}
