// Package run holds the words for running a command somewhere: Cmd, Result,
// ExitError and the Runner interface, shell quoting, and the local Runner.
//
// Laws: a non-zero exit is an *ExitError and keeps the whole of stderr; a
// cancelled context leaves neither a goroutine nor a process; secrets travel by
// Stdin, never in Line.
package run

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Cmd is one command line for a POSIX shell.
type Cmd struct {
	// Line is the text that the shell parses.
	Line string
	// Name says what is being done, in words ("start web"); it appears in errors.
	Name string
	// Dir and Env are for local runs only; hosts use the login folder and shell.
	Dir string
	// Env is the whole environment of a local run as KEY=value; nil = inherit.
	Env []string
	// Stdin is sent to the command; nil = no input.
	Stdin io.Reader
	// Stdout and Stderr receive a copy of the streams as they arrive, beside
	// what Result keeps. With Stream set, Result.Stdout keeps nothing.
	Stdout, Stderr io.Writer
	// Stream leaves stdout out of Result (long or binary output).
	Stream bool
}

// Result is what a command that exited with status 0 left.
type Result struct {
	Stdout, Stderr string
}

// Runner runs commands in one place: here, or on one host.
type Runner interface {
	// Run runs c and waits. A non-zero status is an *ExitError; any other error
	// means that the status is not known.
	Run(ctx context.Context, c Cmd) (Result, error)
}

// ExitError is a command that ran and failed.
type ExitError struct {
	Host   string // empty = this machine
	Name   string // Cmd.Name
	Line   string // Cmd.Line
	Code   int    // exit status; -1 when a signal ended it
	Signal string // "TERM", "KILL" …, empty when it exited by itself
	Stdout string
	Stderr string
}

// Error is one short line: what, where, the status and the last line of stderr.
func (e *ExitError) Error() string {
	what := e.Name
	if what == "" {
		what = firstWord(e.Line)
	}
	how := fmt.Sprintf("exit status %d", e.Code)
	if e.Signal != "" {
		how = "ended by signal " + e.Signal
	}
	if e.Host != "" {
		what += " on " + e.Host
	}
	if last := lastLine(e.Stderr); last != "" {
		return fmt.Sprintf("%s: %s (%s)", what, last, how)
	}
	return fmt.Sprintf("%s: %s", what, how)
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return w
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
