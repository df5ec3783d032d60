package ui

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// board knows which steps run and what was last heard of each. It is pure: the
// time comes from outside, and it draws nothing.
type board struct {
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

// take brings an event in.
func (b *board) take(e event.Event, now time.Time) {
	i := b.find(e)
	switch {
	case e.Started != nil:
		b.running = append(b.running, &running{id: e.Step, host: e.Host, label: label(e), detail: e.Started.Title, since: now})
	case e.Done != nil:
		b.ended++
		if i >= 0 {
			b.running = append(b.running[:i:i], b.running[i+1:]...)
		}
	case e.Output != nil && i >= 0:
		b.running[i].detail = lastLine(e.Output.Text)
	case e.Progress != nil && i >= 0:
		b.running[i].detail = progress(e.Progress)
	}
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

// lines are the view: a head and the running steps, as many as the height
// allows, each cut to the width.
func (b *board) lines(now time.Time, width, height int) []string {
	out := []string{fmt.Sprintf("%d running, %d done  %.0f s", len(b.running), b.ended, now.Sub(b.begin).Seconds())}
	room := min(len(b.running), max(1, height-3))
	for _, r := range b.running[:room] {
		out = append(out, fmt.Sprintf("  %s %6.1f s  %s", r.label, now.Sub(r.since).Seconds(), r.detail))
	}
	if rest := len(b.running) - room; rest > 0 {
		out = append(out, fmt.Sprintf("  and %d more", rest))
	}
	for i, line := range out {
		out[i] = ansi.Truncate(strings.Map(still, ansi.Strip(line)), max(1, width-1), "…")
	}
	return out
}

// still replaces what moves the cursor: tabs, carriage returns and the like.
func still(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
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
