package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// LockedError is a lock that somebody else holds.
type LockedError struct {
	Host   string
	Dir    string
	Lock   kamal.Lock
	Manual bool // not taken by a deploy: --lock-wait does not wait for it
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("the deploy lock is held on %s (%s)\n%s", e.Host, e.Dir, strings.TrimSpace(e.Lock.Text))
}

// ExitCode is 5: locked.
func (e *LockedError) ExitCode() int { return 5 }

// Hints say what to try.
func (e *LockedError) Hints() []string {
	if e.Manual {
		return []string{"it was taken by hand: ask its holder, then `hwdeploy lock release`"}
	}
	return []string{"wait for that deploy: --lock-wait", "if nobody is deploying: `hwdeploy lock release`"}
}

// BusyError is a host on which another hwdeploy run is at work.
type BusyError struct {
	Host, Run string
	What      string // since when, what and who, as its journal says; may be empty
}

func (e *BusyError) Error() string {
	which := strings.TrimSuffix(e.Run+": "+e.What, ": ")
	return fmt.Sprintf("another hwdeploy run (%s) is at work on %s, or its guard is still tidying up", which, e.Host)
}

// ExitCode is 5: locked.
func (e *BusyError) ExitCode() int { return 5 }

// Hints say what to try.
func (e *BusyError) Hints() []string {
	return []string{"wait for it: --lock-wait; a dead run's guard frees the host within a minute"}
}

// Failure is a run that failed after it began to write: the first error, what
// was undone, and what serves now.
type Failure struct {
	Err      error
	Undone   []error  // reversals that failed
	Evidence string   // container state, logs, what the health path answered
	Now      []string // per host: what serves
	Try      []string
	Person   bool // something is left that needs a person
	Live     bool // the new version serves: what failed came after the swap
}

func (e *Failure) Error() string {
	text := e.Err.Error()
	if e.Evidence != "" {
		text += "\n" + strings.TrimRight(e.Evidence, "\n")
	}
	for _, u := range e.Undone {
		text += "\nundo failed: " + u.Error()
	}
	return text
}

func (e *Failure) Unwrap() error { return e.Err }

// Serving says per host what serves now.
func (e *Failure) Serving() []string { return e.Now }

// Hints say what to try.
func (e *Failure) Hints() []string { return e.Try }

// ExitCode is 6 when something is left for a person, 130 after a cancel, else
// that of the cause, else 1.
func (e *Failure) ExitCode() int {
	if e.Person {
		return 6
	}
	if errors.Is(e.Err, context.Canceled) {
		return 130
	}
	var coded interface{ ExitCode() int }
	if errors.As(e.Err, &coded) {
		return coded.ExitCode()
	}
	return 1
}

// Untouched is an error from before anything that serves was touched.
type Untouched struct{ Err error }

func (e *Untouched) Error() string { return e.Err.Error() }
func (e *Untouched) Unwrap() error { return e.Err }

// Serving says that nothing changed.
func (e *Untouched) Serving() []string {
	return []string{"no container was touched: what served before serves"}
}

// untouched adds that to an error that does not say by itself what serves.
func untouched(err error) error {
	var says interface{ Serving() []string }
	if err == nil || errors.As(err, &says) {
		return err
	}
	return &Untouched{err}
}

// NoVersionError is a version that the hosts do not have.
type NoVersionError struct {
	Version   string
	Missing   []string // hosts (and roles) without it
	Available []string // versions that are there
}

func (e *NoVersionError) Error() string {
	text := fmt.Sprintf("the app version '%s' is not available as a container or image (%s)", e.Version, strings.Join(e.Missing, ", "))
	if len(e.Available) > 0 {
		text += "\navailable: " + strings.Join(e.Available, ", ")
	}
	return text
}

// ExitCode is 1.
func (e *NoVersionError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *NoVersionError) Hints() []string {
	return []string{"`hwdeploy app versions` lists what is deployed where"}
}

// StrictError is a fleet that changed between the forecast and the lock.
type StrictError struct{ Text string }

func (e *StrictError) Error() string { return e.Text }

// ExitCode is 1: nothing was touched.
func (e *StrictError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *StrictError) Hints() []string {
	return []string{"look at the plan again and run it anew, or leave out --strict"}
}
