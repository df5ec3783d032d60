package ui

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
)

func stream() []event.Event {
	return []event.Event{
		{Type: event.PlanReady, Plan: &event.Plan{Forecast: true, Text: "a\nb\n"}},
		{Type: event.StepStarted, Step: "web-1/web/start", Host: "web-1", Started: &event.Step{Title: "start"}},
		{Type: event.StepOutput, Step: "build", Output: &event.Output{Text: "one\ntwo"}},
		{Type: event.StepOutput, Step: "pre-deploy", Output: &event.Output{Text: "from a hook", Folded: true}},
		{Type: event.StepDone, Step: "web-1/web/start", Host: "web-1", Done: &event.Done{Status: event.Succeeded, Seconds: 1.234}},
		{Type: event.StepDone, Step: "pull/web-1", Host: "web-1", Done: &event.Done{Status: event.Succeeded, Detail: "already there"}},
		{Type: event.StepDone, Step: "web-1/web/switch", Host: "web-1", Done: &event.Done{Status: event.Failed, Seconds: 3, Error: "not healthy\nmore"}},
		{Type: event.StepDone, Step: "web-1/tag", Host: "web-1", Done: &event.Done{Status: event.Blocked}},
		{Type: event.StepDone, Step: "web-1/web/start/undo", Host: "web-1", Done: &event.Done{Status: event.Undone, Seconds: .5}},
		{Type: event.Warning, Host: "web-1", Message: &event.Message{Text: "disk", Pos: "config/deploy.yml:3:1", Hint: "clean up"}},
	}
}

const plainText = `here         build            | one
here         build            | two
web-1        web/start          1.23 s
web-1        pull               0.00 s  already there
web-1        web/switch         3.00 s  FAILED: not healthy
web-1        tag                        blocked
web-1        web/start/undo     0.50 s  undone
warning: web-1: config/deploy.yml:3:1: disk
  clean up
`

func TestPlain(t *testing.T) {
	var out bytes.Buffer
	p := NewPlain(&out, false)
	for _, e := range stream() {
		p.Emit(e)
	}
	if out.String() != plainText {
		t.Errorf("got\n%s", out.String())
	}
}

func TestGitHubAnnotates(t *testing.T) {
	var out bytes.Buffer
	g := NewGitHub(&out)
	for _, e := range stream() {
		g.Emit(e)
	}
	for _, want := range []string{"::group::forecast\na\nb\n::endgroup::\n", "::error title=web-1/web/switch::not healthy%0Amore\n", "::warning::config/deploy.yml:3:1: disk\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
}

func TestJSONNumbersEvents(t *testing.T) {
	var out bytes.Buffer
	j := NewJSON(&out, func() time.Time { return time.Unix(0, 0) })
	j.Emit(event.Event{Type: event.RunDone, Result: &event.Result{ExitCode: 1, Error: "a < b"}})
	want := `{"v":1,"seq":1,"time":"1970-01-01T00:00:00Z","type":"run.done","result":{"exit_code":1,"seconds":0,"error":"a < b"}}` + "\n"
	if out.String() != want {
		t.Errorf("got %s", out.String())
	}
}

type trouble struct{}

func (trouble) Error() string     { return "boom" }
func (trouble) ExitCode() int     { return ExitLocked }
func (trouble) Hints() []string   { return []string{"wait"} }
func (trouble) Serving() []string { return []string{"a: web serves v1"} }

func TestPrintErrorSaysWhatServesAndWhatToTry(t *testing.T) {
	err := fmt.Errorf("deploy: %w", errors.Join(trouble{}, errors.New("more")))
	var out bytes.Buffer
	PrintError(&out, err, "/x/log")
	want := "hwdeploy: deploy: boom\nmore\n  now: a: web serves v1\n  try: wait\n  transcript: /x/log\n"
	if out.String() != want || ExitCode(err) != ExitLocked {
		t.Errorf("exit %d\n%s", ExitCode(err), out.String())
	}
}

// A host's IPv6 address is in the step's name; a colon would end the property.
func TestGitHubPropertiesAreEscaped(t *testing.T) {
	var out strings.Builder
	NewGitHub(&out).Emit(event.Event{Type: event.StepDone, Step: "2001:db8::1/web/switch", Done: &event.Done{Status: event.Failed, Error: "50% a: b, c\nd"}})
	want := "::error title=2001%3Adb8%3A%3A1/web/switch::50%25 a: b, c%0Ad\n"
	if line, _, _ := strings.Cut(out.String(), "\n"); line+"\n" != want {
		t.Errorf("got %q", line)
	}
}
