package build

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	gateway "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc/codes"
)

// BuildError is a build that the builder gave up.
type BuildError struct {
	Host string // of the builder; empty = this machine
	// Step is the name of the step that failed, "" when it was none (a Dockerfile
	// that does not parse).
	Step string
	// ExitCode is that of the command, 0 when no command failed.
	ExitCode int
	// File and Line are the place in the Dockerfile; Line 0 = not known.
	File string
	Line int
	// Log is the step's last output, at most 20 lines. Secrets in it are the
	// caller's to hide, as in every text that leaves the program.
	Log []string
	Err error
}

// Error is one line; Log and place are for whoever shows the error.
func (e *BuildError) Error() string {
	what := "build" + at(e.Host)
	if e.Step != "" {
		what += ": " + e.Step
	}
	if e.ExitCode != 0 {
		return fmt.Sprintf("%s: exit code %d", what, e.ExitCode)
	}
	return what + ": " + e.cause()
}

// cause drops the words that gRPC and the solver put around each other.
func (e *BuildError) cause() string {
	text := e.Err.Error()
	for _, prefix := range []string{"failed to solve: ", "rpc error: code = Unknown desc = ", "failed to solve with frontend dockerfile.v0: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

func (e *BuildError) Unwrap() error { return e.Err }

// LostError is a builder that can't be reached, or no longer: whether the build
// goes on there is not known.
type LostError struct {
	Host string
	Err  error // that of the dial function, when that failed
}

func (e *LostError) Error() string {
	return "no connection to the builder" + at(e.Host) + ": " + e.Err.Error()
}

func (e *LostError) Unwrap() error { return e.Err }

// exitText is how the BuildKit of engine 20.10 tells an exit code; newer ones
// send it as a value.
var exitText = regexp.MustCompile(`exit code: (\d+)`)

// explain gives an error of Solve its type.
func (b *Builder) explain(ctx context.Context, err error, w *watcher) error {
	var unread *ReadError
	if errors.As(context.Cause(ctx), &unread) {
		return unread
	}
	if ctx.Err() != nil {
		return fmt.Errorf("build%s stopped: %w", at(b.host), context.Cause(ctx))
	}
	if dial := b.dialed.failure(); dial != nil {
		return &LostError{Host: b.host, Err: dial}
	}
	if grpcerrors.Code(err) == codes.Unavailable {
		return &LostError{Host: b.host, Err: err}
	}
	e := &BuildError{Host: b.host, Err: err}
	if st := w.culprit(err); st != nil {
		e.Step, e.Log = st.name, st.tail.last()
	}
	e.ExitCode = exitCode(err)
	e.File, e.Line = place(err)
	return e
}

// culprit is the step that the error names, else the one that failed last.
func (w *watcher) culprit(err error) *step {
	var v *errdefs.VertexError
	if errors.As(err, &v) {
		if st := w.steps[v.Digest]; st != nil && st.name != "" {
			return st
		}
	}
	return w.steps[w.last]
}

func exitCode(err error) int {
	var exit *gateway.ExitError
	if errors.As(err, &exit) {
		return int(exit.ExitCode)
	}
	m := exitText.FindAllStringSubmatch(err.Error(), -1)
	if len(m) == 0 {
		return 0
	}
	n, convErr := strconv.Atoi(m[len(m)-1][1])
	if convErr != nil {
		return 0
	}
	return n
}

func place(err error) (string, int) {
	for _, s := range errdefs.Sources(err) {
		if s.Info != nil && len(s.Ranges) > 0 && s.Ranges[0].Start != nil {
			return s.Info.Filename, int(s.Ranges[0].Start.Line)
		}
	}
	return "", 0
}
