package ui

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// board knows which steps run and what was last heard of each. It is pure: the
// time comes from outside, and it draws nothing.
type board struct {
	mu      sync.Mutex
	begin   time.Time
	running []*running
	ended   int
}

// running is a step that has begun and not ended.
type running struct {
	id, host string
	label    string
	detail   string // the last thing that was heard of it
	since    time.Time
}

// take brings an event in. It gives the step that has begun, or the one that has
// ended; both nil for what is heard of running ones.
func (b *board) take(e event.Event, now time.Time) (began, ended *running) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(e)
	switch {
	case e.Started != nil:
		r := &running{id: e.Step, host: e.Host, label: label(e), detail: e.Started.Title, since: now}
		b.running = append(b.running, r)
		return r, nil
	case e.Done != nil:
		b.ended++
		if i >= 0 {
			ended = b.running[i]
			b.running = append(b.running[:i:i], b.running[i+1:]...)
		}
		return nil, ended
	case e.Output != nil && i >= 0:
		b.running[i].detail = lastLine(e.Output.Text)
	case e.Progress != nil && i >= 0:
		b.running[i].detail = progress(e.Progress)
	}
	return nil, nil
}

// find gives the running step that an event is about; -1 = none. Phases on hosts
// are named with the host behind them.
func (b *board) find(e event.Event) int {
	for i, r := range b.running {
		if r.host == e.Host && (r.id == e.Step || r.id == e.Step+"/"+e.Host) {
			return i
		}
	}
	for i, r := range b.running {
		if r.id == e.Step {
			return i
		}
	}
	return -1
}

// now gives the steps that run, the oldest first.
func (b *board) now() []*running {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.running)
}

// head is the line above the running steps.
func (b *board) head(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%d running, %d done  %.0f s", len(b.running), b.ended, now.Sub(b.begin).Seconds())
}

// line tells of one step.
func (b *board) line(r *running, now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("  %s %6.1f s  %s", r.label, now.Sub(r.since).Seconds(), r.detail)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

func progress(p *event.Progress) string {
	if p.Total == 0 {
		return p.Text
	}
	const mega = 1e6
	return strings.TrimSpace(fmt.Sprintf("%s %.1f of %.1f MB", p.Text, float64(p.Current)/mega, float64(p.Total)/mega))
}
