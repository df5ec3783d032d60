package ui

import (
	"context"
	"errors"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
)

// Terminal asks on a terminal. It draws on another stream than results go to.
type Terminal struct {
	In      *os.File // the terminal; in raw mode while a question stands
	Out     io.Writer
	Environ []string // TERM, NO_COLOR … as KEY=value
}

var _ Asker = Terminal{}

// Choose shows a list with a cursor; / filters it.
func (t Terminal) Choose(ctx context.Context, q Question) (answer string, err error) {
	for _, o := range q.Options {
		if o.Selected {
			answer = o.Value
		}
	}
	err = t.ask(ctx, huh.NewSelect[string]().Title(q.Title).Description(q.Detail).Options(choices(q)...).Value(&answer))
	return answer, err
}

// ChooseMany shows check boxes: space or x ticks, Enter accepts.
func (t Terminal) ChooseMany(ctx context.Context, q Question) (answers []string, err error) {
	for _, o := range q.Options {
		if o.Selected {
			answers = append(answers, o.Value)
		}
	}
	lines := len(q.Options) + 1
	if q.Detail != "" {
		lines++
	}
	err = t.ask(ctx, huh.NewMultiSelect[string]().Title(q.Title).Description(q.Detail).
		Filterable(false).Options(choices(q)...).Value(&answers).Height(lines)) // without it the title's lines are taken from the options
	return answers, err
}

// Confirm shows two buttons; y and n answer at once.
func (t Terminal) Confirm(ctx context.Context, q Question) (yes bool, err error) {
	err = t.ask(ctx, huh.NewConfirm().Title(q.Title).Description(q.Detail).Value(&yes))
	return yes, err
}

func choices(q Question) []huh.Option[string] {
	var out []huh.Option[string]
	for _, o := range q.Options {
		label := o.Label
		if label == "" {
			label = o.Value
		}
		out = append(out, huh.NewOption(label, o.Value))
	}
	return out
}

// ask shows one question. Signals are left to the program: Ctrl-C is a key here.
func (t Terminal) ask(ctx context.Context, f huh.Field) error {
	keys, err := newKeyboard(t.In)
	if err != nil {
		return err
	}
	err = huh.NewForm(huh.NewGroup(f)).
		WithProgramOptions(tea.WithEnvironment(t.Environ), tea.WithoutSignalHandler()).
		WithInput(keys).WithOutput(t.Out).RunWithContext(ctx)
	ended := keys.end()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, huh.ErrUserAborted):
		return leftError{}
	}
	return errors.Join(err, ended)
}

// leftError is a question that was left by Ctrl-C.
type leftError struct{}

func (leftError) Error() string { return "left without an answer" }
func (leftError) Unwrap() error { return context.Canceled }
