package adapter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// Failure is a fetch that did not work, in Kamal's words.
type Failure struct {
	Text string
	Err  error // the program's exit, or nil
}

// Error gives the text and what the program said last.
func (f *Failure) Error() string {
	if f.Err == nil {
		return f.Text
	}
	return f.Text + ": " + f.Err.Error()
}

// Unwrap gives the program's exit.
func (f *Failure) Unwrap() error { return f.Err }

func fail(err error, format string, args ...any) error {
	return &Failure{Text: fmt.Sprintf(format, args...), Err: err}
}

// refused gives the exit of a program that ran and failed, nil for any other
// error (a cancelled run, no shell).
func refused(err error) *run.ExitError {
	var exit *run.ExitError
	if errors.As(err, &exit) && exit.Signal == "" {
		return exit
	}
	return nil
}

// session is one fetch.
type session struct {
	Shell
	account string
	key     string // what an unlocked program wants to see again
}

// run runs one line and gives its output. The line is safe to show.
func (s *session) run(ctx context.Context, line string) (string, error) {
	words := strings.Fields(line)
	c := run.Cmd{
		Line: line, Name: strings.Join(words[:min(2, len(words))], " "),
		Dir: s.Dir, Env: s.Environ, Stdin: s.Stdin,
	}
	if !strings.HasSuffix(line, "2> /dev/null") {
		c.Stderr = s.Stderr
	}
	res, err := s.Runner.Run(ctx, c)
	return res.Stdout, err
}

// must runs one line; when the program fails, the error has the given text.
func (s *session) must(ctx context.Context, line, format string, args ...any) (string, error) {
	out, err := s.run(ctx, line)
	if exit := refused(err); exit != nil {
		return "", fail(exit, format, args...)
	}
	return out, err
}

// json runs one line whose output must be JSON.
func (s *session) json(ctx context.Context, line, format string, args ...any) (any, error) {
	out, err := s.must(ctx, line, format, args...)
	if err != nil {
		return nil, err
	}
	v, err := ordered.Parse(out)
	if err != nil {
		return nil, fail(fmt.Errorf("answer of the program: %w", err), format, args...)
	}
	return v, nil
}

// setenv puts a session key where the following commands find it.
func (s *session) setenv(name, value string) {
	s.key = value
	if s.Hide != nil {
		s.Hide(value)
	}
	s.Environ = append(slices.Clone(s.Environ), name+"="+value)
}

// getenv gives a variable of the operator's environment.
func (s *session) getenv(name string) string {
	for _, kv := range slices.Backward(s.Environ) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

// objects gives the objects of a list; other members are left out.
func objects(v any) []*ordered.Object {
	list, _ := v.([]any)
	var all []*ordered.Object
	for _, e := range list {
		if o, ok := e.(*ordered.Object); ok {
			all = append(all, o)
		}
	}
	return all
}

// object gives v as an object; the zero one when it is something else.
func object(v any) *ordered.Object {
	if o, ok := v.(*ordered.Object); ok {
		return o
	}
	return &ordered.Object{}
}
