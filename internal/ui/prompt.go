package ui

import "context"

// Asker asks a person; tests answer by one of their own. Every method fails with
// an error that is context.Canceled when the person leaves with Ctrl-C or the
// context ends.
type Asker interface {
	// Choose gives the value of one option.
	Choose(ctx context.Context, q Question) (string, error)
	// ChooseMany gives the values of those that are ticked, in their order.
	ChooseMany(ctx context.Context, q Question) ([]string, error)
	// Confirm gives yes or no; Enter alone is no.
	Confirm(ctx context.Context, q Question) (bool, error)
}

// Question is what a person is asked.
type Question struct {
	Title   string
	Detail  string   // a line below the title; may be empty
	Options []Option // of Choose and ChooseMany
}

// Option is one of the answers.
type Option struct {
	Value    string
	Label    string // what is shown; empty = Value
	Selected bool   // where the cursor begins, or what is ticked at first
}
