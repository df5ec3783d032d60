package image

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/registry"
)

// teller turns a build's news into events: whole lines, and bytes.
type teller struct {
	emit func(event.Event)
	part map[string]string // by step: output without an end of line yet
}

func (t *teller) tell(u build.Update) {
	switch u.Kind {
	case build.KindStarted:
		t.line(u.Name)
	case build.KindOutput:
		t.output(u.Step, u.Text)
	case build.KindWarning:
		t.line("warning: " + u.Text)
	case build.KindTransfer:
		t.emit(event.Event{Type: event.StepProgress, Progress: &event.Progress{Text: u.Name + ": " + u.Text, Current: u.Current, Total: u.Total}})
	case build.KindFailed:
		t.rest(u.Step)
		t.line("failed: " + u.Name)
	case build.KindDone, build.KindCached:
		t.rest(u.Step)
	}
}

// output gives whole lines; what a carriage return wrote over is left out, as a
// terminal would.
func (t *teller) output(step, text string) {
	if t.part == nil {
		t.part = map[string]string{}
	}
	text = t.part[step] + text
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok {
			break
		}
		line = strings.TrimRight(line, "\r")
		t.line("  " + line[strings.LastIndexByte(line, '\r')+1:])
		text = rest
	}
	t.part[step] = text
}

func (t *teller) rest(step string) {
	if text := t.part[step]; text != "" {
		t.line("  " + text)
	}
	delete(t.part, step)
}

func (t *teller) line(text string) {
	t.emit(event.Event{Type: event.StepOutput, Output: &event.Output{Stream: "stdout", Text: text}})
}

// tellEvery is how many bytes pass between two events of a push.
const tellEvery = 1 << 20

// pushed adds up a push.
type pushed struct {
	emit   func(event.Event)
	total  int64
	blobs  map[string]int64
	totals map[string]int64 // by layer, where total is not known before
	told   int64
}

func (p *pushed) blob(b registry.Progress) { p.at(b.Digest, b.Current) }

func (p *pushed) layer(t docker.Transfer) {
	if t.Layer == "" || t.Status != "Pushing" {
		return
	}
	p.total += max(t.Total, t.Current) - p.totals[t.Layer]
	p.totals[t.Layer] = max(t.Total, t.Current)
	p.at(t.Layer, t.Current)
}

func (p *pushed) at(id string, current int64) {
	p.blobs[id] = current
	var sum int64
	for _, n := range p.blobs {
		sum += n
	}
	if sum-p.told < tellEvery && sum >= p.told && sum != p.total {
		return
	}
	p.told = sum
	p.emit(event.Event{Type: event.StepProgress, Progress: &event.Progress{Text: "push", Current: sum, Total: p.total}})
}
