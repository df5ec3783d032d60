package ui

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// screen is a terminal with a person at it, who types when they see a text.
type screen struct {
	*testing.T
	person *os.File // the person's end
	seen   chan byte
	asker  Terminal
}

// terminals stay open: a program that has drawn on one may ask for its size a
// moment after it has ended.
var terminals []*os.File

func newScreen(t *testing.T) *screen {
	t.Helper()
	person, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(person, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	s := &screen{T: t, person: person, seen: make(chan byte, 1<<16)}
	s.asker = Terminal{In: tty, Out: tty, Environ: []string{"TERM=xterm-256color"}}
	go func() {
		for buf := make([]byte, 4096); ; {
			n, err := person.Read(buf)
			for _, b := range buf[:n] {
				s.seen <- b
			}
			if err != nil {
				return
			}
		}
	}()
	terminals = append(terminals, tty, person)
	return s
}

// types waits until the screen shows text, then presses keys.
func (s *screen) types(text, keys string) {
	limit := time.After(time.Minute)
	var all strings.Builder
	for !strings.Contains(all.String(), text) {
		select {
		case b := <-s.seen:
			all.WriteByte(b)
		case <-limit:
			s.Errorf("the screen does not show %q:\n%q", text, all.String())
			return
		}
	}
	if _, err := s.person.WriteString(keys); err != nil {
		s.Error(err)
	}
}

const down, ctrlC = "\x1b[B", "\x03"

func TestQuestionsAreAnsweredOnATerminal(t *testing.T) {
	three := Question{Title: "Where to?", Detail: "a destination", Options: []Option{{Value: "a"}, {Value: "b", Label: "the second", Selected: true}, {Value: "c"}}}
	choose := func(s *screen) (any, error) { return s.asker.Choose(s.Context(), three) }
	many := func(s *screen) (any, error) { return s.asker.ChooseMany(s.Context(), three) }
	confirm := func(s *screen) (any, error) { return s.asker.Confirm(s.Context(), Question{Title: "Really?"}) }
	for _, c := range []struct {
		name, shows, keys string
		ask               func(*screen) (any, error)
		want              any
	}{
		{"the selected one", "the second", "\r", choose, "b"},
		{"one below", "the second", down + "\r", choose, "c"},
		{"what was ticked", "the second", "\r", many, []string{"b"}},
		{"ticks", "the second", " " + down + " \r", many, []string{"a"}},
		{"one by its key", "Really?", "y", confirm, true},
		{"no by Enter", "Really?", "\r", confirm, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScreen(t)
			go s.types(c.shows, c.keys)
			if got, err := c.ask(s); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

// Ctrl-C at a question ends the program as Ctrl-C does elsewhere, and so does
// the end of the context.
func TestAQuestionCanBeLeft(t *testing.T) {
	s := newScreen(t)
	go s.types("Really?", ctrlC)
	if _, err := s.asker.Confirm(t.Context(), Question{Title: "Really?"}); !errors.Is(err, context.Canceled) || ExitCode(err) != ExitCancelled {
		t.Errorf("Ctrl-C: %v", err)
	}
	s = newScreen(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		s.types("Sure?", "")
		cancel()
	}()
	if _, err := s.asker.Confirm(ctx, Question{Title: "Sure?"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
