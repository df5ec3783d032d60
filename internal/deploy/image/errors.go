package image

import (
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// BuilderError is a builder that could not be reached or made.
type BuilderError struct{ err error }

func (e *BuilderError) Error() string { return "builder: " + e.err.Error() }
func (e *BuilderError) Unwrap() error { return e.err }

// BuildError is a build that failed, with its place and what its step printed
// last.
type BuildError struct{ *build.BuildError }

// Error adds the place to the step, and the end of its output.
func (e *BuildError) Error() string {
	text := e.BuildError.Error()
	if e.Line > 0 {
		text = fmt.Sprintf("%s:%d: %s", e.File, e.Line, text)
	}
	if len(e.Log) > 0 {
		text += "\n  | " + strings.Join(e.Log, "\n  | ")
	}
	return text
}

func (e *BuildError) Unwrap() error { return e.BuildError }

// ExitCode is 1: the old version serves.
func (e *BuildError) ExitCode() int { return 1 }

// Serving says that hosts and registry are as they were.
func (e *BuildError) Serving() []string {
	return []string{"nothing was pushed, and no host was touched"}
}

// Hints say what to try, where the builder's words tell it.
func (e *BuildError) Hints() []string {
	text := strings.ToLower(e.BuildError.Err.Error() + strings.Join(e.Log, "\n"))
	switch {
	case strings.Contains(text, "no space left on device"):
		return []string{"the builder's disk is full: `docker system df` and `docker builder prune` there, or `hwdeploy build remove` for its cache"}
	case strings.Contains(text, "exec format error"):
		return []string{"the builder can't run programs of that platform: set builder/arch to its own, or install QEMU's binfmt there"}
	}
	return nil
}

// explain gives a failed build its words.
func explain(err error) error {
	var failed *build.BuildError
	if errors.As(err, &failed) {
		return &BuildError{failed}
	}
	return err
}
