package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The exit codes.
const (
	ExitDone        = 0 // done, or nothing to do
	ExitFailed      = 1 // failed, the old version serves
	ExitUsage       = 2
	ExitConfig      = 3
	ExitUnreachable = 4 // unreachable or refused
	ExitLocked      = 5
	ExitPerson      = 6 // needs a person
	ExitCancelled   = 130
)

// ExitCode is the code of an error: its own, if it or a cause has one.
func ExitCode(err error) int {
	if err == nil {
		return ExitDone
	}
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	if errors.Is(err, context.Canceled) {
		return ExitCancelled
	}
	return ExitFailed
}

// PrintError writes an error for people: what, then what serves now, then what
// to try, each on a line of its own. transcript is a file to look into; "" =
// none.
func PrintError(w io.Writer, err error, transcript string) {
	fmt.Fprintf(w, "hwdeploy: %s\n", strings.TrimRight(err.Error(), "\n")) //nolint:errcheck // as Plain
	var serving interface{ Serving() []string }
	if errors.As(err, &serving) {
		for _, s := range serving.Serving() {
			fmt.Fprintf(w, "  now: %s\n", s) //nolint:errcheck // as Plain
		}
	}
	for _, h := range hints(err) {
		fmt.Fprintf(w, "  try: %s\n", h) //nolint:errcheck // as Plain
	}
	if transcript != "" {
		fmt.Fprintf(w, "  transcript: %s\n", transcript) //nolint:errcheck // as Plain
	}
}

// hints gathers the hints of an error and of its causes, once each.
func hints(err error) []string {
	var out []string
	seen := map[string]bool{}
	walk(err, func(e error) {
		h, ok := e.(interface{ Hints() []string }) //nolint:errorlint // walk unwraps
		if !ok {
			return
		}
		for _, text := range h.Hints() {
			if !seen[text] {
				seen[text] = true
				out = append(out, text)
			}
		}
	})
	return out
}

// walk visits an error and all its causes.
func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch e := err.(type) { //nolint:errorlint // this is the unwrapping
	case interface{ Unwrap() error }:
		walk(e.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			walk(cause, visit)
		}
	}
}
