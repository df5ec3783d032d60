package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// Live shows a run on a terminal: a line per running step, what is finished
// folded into a count, warnings and failures above. It asks the terminal nothing
// and leaves its modes alone, so that keys and signals stay the program's. Close
// it before anything else is printed.
type Live struct {
	out   io.Writer
	clean func(string) string
	plain *Plain // its words
	now   func() time.Time
	board *board

	mu     sync.Mutex
	view   *mpb.Progress // nil until the first step begins
	bars   map[*running]*mpb.Bar
	heads  *mpb.Bar
	order  int
	closed bool
	tails  map[string][]string // last lines that a running step printed
	done   map[event.Status]int
}

// LiveOptions are what a Live needs.
type LiveOptions struct {
	Out   io.Writer           // the terminal
	Clean func(string) string // takes secrets out of a text, before it is cut to the width
	Now   func() time.Time
}

// NewLive makes a Live; nothing is drawn before the first step begins.
func NewLive(o LiveOptions) *Live {
	return &Live{
		out: o.Out, clean: o.Clean, plain: NewPlain(nil, false), now: o.Now, board: &board{begin: o.Now()},
		bars: map[*running]*mpb.Bar{}, tails: map[string][]string{}, done: map[event.Status]int{},
	}
}

// tailLines is how much of a failed step's output is shown.
const tailLines = 20

// Emit takes an event.
func (l *Live) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	e = l.cleaned(e)
	began, ended := l.board.take(e, l.now())
	if ended != nil {
		l.drop(ended)
	}
	l.print(l.above(e))
	if began != nil {
		l.draw()
	}
}

// print writes text above the view, for good.
func (l *Live) print(text string) {
	out := l.out
	if l.view != nil {
		out = l.view
	}
	if text != "" {
		fmt.Fprint(out, text) //nolint:errcheck // as Plain
	}
}

func (l *Live) draw() {
	if l.view == nil {
		l.view = mpb.New(mpb.WithOutput(l.out), mpb.WithRefreshRate(100*time.Millisecond))
	}
	if l.heads == nil {
		l.heads = l.row(0, func() string { return l.board.head(l.now()) })
	}
	for _, r := range l.board.now() {
		if l.bars[r] == nil {
			l.order++
			l.bars[r] = l.row(l.order, func() string { return l.board.line(r, l.now()) })
		}
	}
}

// row is one line of the view; rows stand in the order of their numbers. On a
// terminal that has gone away there is none.
func (l *Live) row(order int, text func() string) *mpb.Bar {
	bar, err := l.view.Add(0, mpb.NopStyle().Build(), mpb.BarFillerTrim(), mpb.BarPriority(order),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return text() })))
	if err != nil {
		return nil
	}
	return bar
}

func (l *Live) drop(r *running) {
	remove(l.bars[r])
	delete(l.bars, r)
}

func remove(bar *mpb.Bar) {
	if bar != nil {
		bar.Abort(true)
	}
}

// Hush takes the view away until the next step begins, so that a person can be
// asked something.
func (l *Live) Hush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away()
}

// away ends the view and waits until the screen is clear of it.
func (l *Live) away() {
	if l.view == nil {
		return
	}
	for _, bar := range l.bars {
		remove(bar)
	}
	remove(l.heads)
	l.view.Wait()
	l.view, l.heads = nil, nil
	clear(l.bars)
}

// Close takes the view away and leaves a summary.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	l.away()
	l.print(l.summary())
}

func (l *Live) summary() string {
	total := l.done[event.Succeeded] + l.done[event.Undone] + l.done[event.Failed] + l.done[event.Blocked] + l.done[event.Skipped]
	if total == 0 {
		return ""
	}
	steps := "steps"
	if l.done[event.Succeeded] == 1 {
		steps = "step"
	}
	text := fmt.Sprintf("%d %s done in %.1f s", l.done[event.Succeeded], steps, l.now().Sub(l.board.begin).Seconds())
	for _, s := range []event.Status{event.Failed, event.Undone, event.Blocked, event.Skipped} {
		if n := l.done[s]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, s)
		}
	}
	return text + "\n"
}

// above is what is printed for good, above the view.
func (l *Live) above(e event.Event) string {
	switch {
	case e.Plan != nil && !e.Plan.Forecast:
		return planHead(e.Plan.Text)
	case e.Plan != nil:
		return ""
	case e.Output != nil:
		l.keep(e)
		if e.Output.Folded || e.Step == buildStep {
			return ""
		}
	case e.Done != nil:
		return l.ends(e)
	}
	return l.plain.text(e)
}

// buildStep is the phase whose output is long: only its last line is shown.
const buildStep = "build"

// planHead counts a plan's steps and shows its notes.
func planHead(text string) string {
	steps, notes := 0, ""
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "note: "); ok {
			notes += "  " + rest
		} else {
			steps++
		}
	}
	return fmt.Sprintf("plan: %d steps (-v shows them)\n%s", steps, notes)
}

func (l *Live) keep(e event.Event) {
	tail := l.tails[e.Step]
	for line := range strings.Lines(e.Output.Text) {
		tail = append(tail, strings.TrimRight(line, "\n"))
	}
	l.tails[e.Step] = tail[max(0, len(tail)-tailLines):]
}

// ends counts a finished step; one that failed or was undone is told, with the
// end of what it printed and was not shown yet.
func (l *Live) ends(e event.Event) string {
	l.done[e.Done.Status]++
	tail := l.tails[e.Step]
	delete(l.tails, e.Step)
	switch e.Done.Status {
	case event.Failed:
		text := ""
		for _, line := range tail {
			text += label(e) + " | " + line + "\n"
		}
		return text + done(e)
	case event.Undone:
		return done(e)
	}
	return ""
}

// cleaned takes secrets out before anything is cut to the terminal's width, which
// could leave half of one.
func (l *Live) cleaned(e event.Event) event.Event {
	if e.Started != nil {
		s := *e.Started
		s.Title, e.Started = l.clean(s.Title), &s
	}
	if e.Output != nil {
		o := *e.Output
		o.Text, e.Output = l.clean(o.Text), &o
	}
	if e.Progress != nil {
		p := *e.Progress
		p.Text, e.Progress = l.clean(p.Text), &p
	}
	if e.Done != nil {
		d := *e.Done
		d.Detail, d.Error, e.Done = l.clean(d.Detail), l.clean(d.Error), &d
	}
	if e.Message != nil {
		m := *e.Message
		m.Text, m.Hint, e.Message = l.clean(m.Text), l.clean(m.Hint), &m
	}
	if e.Plan != nil {
		p := *e.Plan
		p.Text, e.Plan = l.clean(p.Text), &p
	}
	return e
}
