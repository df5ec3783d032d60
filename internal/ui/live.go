package ui

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/cupwriter"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

// Live shows a run on a terminal: a line per running step, what is finished
// folded into a count, warnings and failures above. It asks the terminal nothing
// and leaves its modes alone, so that keys and signals stay the program's. Close
// it before anything else is printed.
type Live struct {
	clean func(string) string
	plain *Plain // its words
	now   func() time.Time
	board *board

	mu     sync.Mutex
	screen *cupwriter.Writer
	stop   func() // of the ticker; nil while nothing is drawn
	closed bool
	tails  map[string][]string // last lines that a running step printed
	done   map[event.Status]int
}

// LiveOptions are what a Live needs.
type LiveOptions struct {
	Out   *os.File            // the terminal
	Clean func(string) string // takes secrets out of a text, before it is cut to the width
	Now   func() time.Time
}

// NewLive makes a Live; nothing is drawn before the first step begins.
func NewLive(o LiveOptions) *Live {
	return &Live{
		clean: o.Clean, plain: NewPlain(nil, false), now: o.Now, board: &board{begin: o.Now()},
		screen: cupwriter.New(o.Out, false), tails: map[string][]string{}, done: map[event.Status]int{},
	}
}

const (
	tailLines = 20 // of a failed step's output are shown
	frameTime = 100 * time.Millisecond
)

// Emit takes an event.
func (l *Live) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	e = l.cleaned(e)
	l.board.take(e, l.now())
	if e.Started != nil && l.stop == nil {
		l.begin()
	}
	if text := l.above(e); text != "" {
		l.frame(text)
	}
}

// begin draws from now on.
func (l *Live) begin() {
	stopped := make(chan struct{})
	l.stop = sync.OnceFunc(func() { close(stopped) })
	go func() {
		tick := time.NewTicker(frameTime)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				l.tick(stopped)
			case <-stopped:
				return
			}
		}
	}()
}

func (l *Live) tick(stopped <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-stopped: // while it waited
	default:
		l.frame("")
	}
}

// frame writes text for good, and the view below it. A terminal that has gone
// away changes nothing: the run goes on.
func (l *Live) frame(text string) {
	l.screen.WriteString(text)
	var lines []string
	if l.stop != nil {
		width, height, err := l.screen.GetTermSize()
		if err != nil || width == 0 || height == 0 { // some terminals do not know
			width, height = 80, 24
		}
		lines = l.board.lines(l.now(), width, height)
	}
	for _, line := range lines {
		l.screen.WriteString(line + "\n")
	}
	l.screen.Flush(len(lines)) //nolint:errcheck // as Plain
}

// Hush takes the view away until the next step begins, so that a person can be
// asked something.
func (l *Live) Hush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away("")
}

// away clears the screen of the view and leaves text.
func (l *Live) away(text string) {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
	l.frame(text)
}

// Close takes the view away and leaves a summary.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.away(l.summary())
	}
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
