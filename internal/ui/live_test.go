package ui

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

func begun(step, host, title string) event.Event {
	return event.Event{Type: event.StepStarted, Step: step, Host: host, Started: &event.Step{Title: title}}
}

func ended(step, host string, status event.Status) event.Event {
	return event.Event{Type: event.StepDone, Step: step, Host: host, Done: &event.Done{Status: status, Seconds: 1.5, Error: "why"}}
}

func said(step, text string) event.Event {
	return event.Event{Type: event.StepOutput, Step: step, Output: &event.Output{Text: text}}
}

var update = flag.Bool("update", false, "write the golden text anew")

// What a board shows after each event; testdata/live.txt is read beside it.
func TestBoardShowsRunningSteps(t *testing.T) {
	clock := time.Unix(0, 0)
	b := &board{begin: clock}
	var got strings.Builder
	for _, e := range []event.Event{
		begun("build", "", "build and push demo/shop:v1"),
		said("build", "#12 RUN bundle install\n#12 12.3 fetching gems"),
		ended("build", "", event.Succeeded),
		begun("pull/web-1", "web-1", "pull demo/shop:v1"),
		{Type: event.StepProgress, Step: "pull", Host: "web-1", Progress: &event.Progress{Text: "layers", Current: 1_500_000, Total: 20_000_000}},
		begun("pull/web-2", "web-2", "pull demo/shop:v1"),
		begun("web-3/web/switch", "web-3", "kamal-proxy deploy shop-web, healthy within 30 s, verified"),
		said("pull/web-2", "\x1b[31mred\x1b[0m"),
		ended("pull/web-1", "web-1", event.Succeeded),
		ended("web-3/web/switch", "web-3", event.Failed),
	} {
		b.take(e, clock)
		clock = clock.Add(1500 * time.Millisecond)
		fmt.Fprintf(&got, "%s\n", strings.Join(b.lines(clock, 72, 5), "\n"))
	}
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", "live.txt"), []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join("testdata", "live.txt")
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got.String() {
		t.Errorf("%v: got\n%s", err, got.String())
	}
}

// A tab or a carriage return moves the cursor, by which the view would no longer be
// as many lines as are cleared.
func TestBoardsLinesHoldTheirWidth(t *testing.T) {
	clock := time.Unix(0, 0)
	b := &board{begin: clock}
	b.take(begun("build", "", "build"), clock)
	b.take(said("build", "50%\r100%\tof\vit\b\u009b2J"), clock)
	if got := b.lines(clock, 80, 5)[1]; !strings.HasSuffix(got, " 50% 100% of it  2J") {
		t.Errorf("%q", got)
	}
}

var long = strings.Repeat("s3cret", 20)

func clean(text string) string { return strings.ReplaceAll(text, long, "***") }

// Secrets go before a text is cut to the width, which could leave half of one.
func TestLiveCleansEveryText(t *testing.T) {
	l := NewLive(LiveOptions{Clean: clean, Now: time.Now})
	got, err := json.Marshal(l.cleaned(event.Event{
		Started: &event.Step{Title: long}, Output: &event.Output{Text: long}, Progress: &event.Progress{Text: long}, Plan: &event.Plan{Text: long},
		Done: &event.Done{Detail: long, Error: long}, Message: &event.Message{Text: long, Hint: long},
	}))
	if err != nil || strings.Contains(string(got), long) || strings.Count(string(got), "***") != 8 {
		t.Errorf("%v %s", err, got)
	}
}

// On a terminal: running steps come and go, warnings and failures stay, and
// nothing is left but the summary.
func TestLiveOnATerminal(t *testing.T) {
	s := newScreen(t)
	l := NewLive(LiveOptions{
		Out: s.asker.Out.(*os.File), Now: time.Now, Clean: clean,
	})
	l.Emit(begun("web-1/web/start", "web-1", "start with "+long))
	s.types("start with ***", "")
	l.Emit(event.Event{Type: event.Warning, Message: &event.Message{Text: "the disk fills up"}})
	s.types("warning: the disk fills up", "")
	l.Emit(said("build", "compiling"))
	l.Emit(ended("build", "", event.Failed))
	s.types("| compiling", "")
	s.types("FAILED: why", "")
	l.Hush()
	fmt.Fprintln(s.asker.Out, "a question")
	s.types("a question", "")
	l.Emit(begun("web-1/tag", "web-1", "tag"))
	s.types("web/start", "")
	l.Emit(ended("web-1/web/start", "web-1", event.Succeeded))
	l.Close()
	s.types("1 step done in ", "")
	s.types(", 1 failed", "")
}
