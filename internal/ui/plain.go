package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// Plain writes one line per event: host, step, seconds. It suits logs, and is
// what the transcript holds.
type Plain struct {
	mu     sync.Mutex
	w      io.Writer
	detail bool // plans before the lock, hook and build output
}

// NewPlain makes a Plain sink. detail shows the forecast too.
func NewPlain(w io.Writer, detail bool) *Plain { return &Plain{w: w, detail: detail} }

// Emit writes the event.
func (p *Plain) Emit(e event.Event) {
	text := p.text(e)
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprint(p.w, text) //nolint:errcheck // nothing can be told when this fails
}

func (p *Plain) text(e event.Event) string {
	switch {
	case e.Plan != nil:
		return p.plan(e.Plan)
	case e.Started != nil:
		return ""
	case e.Output != nil && e.Output.Folded && !p.detail:
		return ""
	case e.Output != nil:
		return indent(label(e)+" | ", e.Output.Text)
	case e.Done != nil:
		return done(e)
	case e.Message != nil:
		return message(e)
	}
	return ""
}

func (p *Plain) plan(pl *event.Plan) string {
	if pl.Forecast {
		if !p.detail {
			return ""
		}
		return "forecast:\n" + indent("  ", pl.Text)
	}
	return "plan:\n" + indent("  ", pl.Text)
}

// label is the host and the step within it.
func label(e event.Event) string {
	step := e.Step
	if rest, ok := strings.CutPrefix(step, e.Host+"/"); ok && e.Host != "" {
		step = rest
	}
	step = strings.TrimSuffix(step, "/"+e.Host)
	host := e.Host
	if host == "" {
		host = "here"
	}
	return fmt.Sprintf("%-12s %-16s", host, step)
}

func done(e event.Event) string {
	d := e.Done
	line := label(e)
	switch d.Status {
	case event.Succeeded:
		line += fmt.Sprintf(" %6.2f s", d.Seconds)
	case event.Undone:
		line += fmt.Sprintf(" %6.2f s  undone", d.Seconds)
	case event.Failed:
		line += fmt.Sprintf(" %6.2f s  FAILED: %s", d.Seconds, firstLine(d.Error))
	default:
		line += "           " + string(d.Status)
	}
	if d.Detail != "" {
		line += "  " + d.Detail
	}
	return line + "\n"
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func message(e event.Event) string {
	m := e.Message
	text := m.Text
	if m.Pos != "" {
		text = m.Pos + ": " + text
	}
	if e.Host != "" {
		text = e.Host + ": " + text
	}
	if e.Type == event.Warning {
		text = "warning: " + text
	}
	if m.Hint != "" {
		text += "\n  " + m.Hint
	}
	return text + "\n"
}

func indent(prefix, text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		out.WriteString(prefix + strings.TrimRight(line, "\n") + "\n")
	}
	return out.String()
}
