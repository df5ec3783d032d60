package hooks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Secret is one secret that a hook sees as a variable.
type Secret struct {
	Name  string
	Value secret.Secret
}

// Runner runs hook files. Make it once per run and Close it.
type Runner struct {
	Dir     string   // the project; hooks run in it
	Path    string   // folder of the hooks, absolute or relative to Dir
	Environ []string // inherited, KEY=value
	// Program is this executable, found as `kamal` by hooks; "" = not offered.
	Program string
	Local   run.Runner

	bin string // holds the link named kamal
}

// preConnect runs before the first question to a host. Called by it, `kamal app
// version` would run it again, and so on without end: within tells that command.
const (
	preConnect = "pre-connect"
	within     = "HWDEPLOY_WITHIN=" + preConnect
)

// Exists tells whether there is a hook of that name to run.
func (r *Runner) Exists(name string) bool {
	if name == preConnect && slices.Contains(r.Environ, within) {
		return false
	}
	info, err := os.Stat(r.file(name))
	return err == nil && !info.IsDir()
}

func (r *Runner) file(name string) string {
	if filepath.IsAbs(r.Path) {
		return filepath.Join(r.Path, name)
	}
	return filepath.Join(r.Dir, r.Path, name)
}

// word is the hook in a command line, never to be looked for in PATH.
func (r *Runner) word(name string) string {
	path := filepath.Join(r.Path, name)
	if path == name {
		return "./" + name
	}
	return path
}

// Run runs the hook and waits. A missing file is success. output gets whole
// lines as they come, never two at once; a failure is an *Error.
func (r *Runner) Run(ctx context.Context, name string, env []string, secrets []Secret, output func(stream, line string)) error {
	if !r.Exists(name) {
		return nil
	}
	full, err := r.environ(env, secrets)
	if err != nil {
		return err
	}
	if name == preConnect {
		full = append(full, within)
	}
	var turn sync.Mutex
	stream := func(name string) *run.Lines {
		return &run.Lines{Say: func(line string) {
			turn.Lock()
			defer turn.Unlock()
			output(name, line)
		}}
	}
	out, errs := stream("stdout"), stream("stderr")
	_, err = r.Local.Run(ctx, run.Cmd{
		Name: "hook " + name, Line: "exec /usr/bin/env " + run.Quote(r.word(name)), Dir: r.Dir, Env: full, Stdout: out, Stderr: errs,
	})
	out.End()
	errs.End()
	var exit *run.ExitError
	if ctx.Err() == nil && errors.As(err, &exit) {
		return &Error{Name: name, Path: filepath.Join(r.Path, name), Exit: exit, program: interpreter(r.file(name))}
	}
	return err
}

func (r *Runner) environ(env []string, secrets []Secret) ([]string, error) {
	if err := r.offer(); err != nil {
		return nil, err
	}
	full := slices.Concat(r.Environ, env)
	for _, s := range secrets {
		full = append(full, s.Name+"="+s.Value.Reveal())
	}
	if r.bin == "" {
		return full, nil
	}
	path := ""
	for _, kv := range full {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	return append(full, "PATH="+r.bin+string(os.PathListSeparator)+path), nil
}

// offer makes the folder in which `kamal` is this program.
func (r *Runner) offer() error {
	if r.Program == "" || r.bin != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "hwdeploy-bin")
	if err != nil {
		return fmt.Errorf("offer kamal to hooks: %w", err)
	}
	if err := os.Symlink(r.Program, filepath.Join(dir, "kamal")); err != nil {
		return fmt.Errorf("offer kamal to hooks: %w", err)
	}
	r.bin = dir
	return nil
}

// Close removes what Run made.
func (r *Runner) Close() error {
	if r.bin == "" {
		return nil
	}
	return os.RemoveAll(r.bin)
}

// Error is a hook that failed.
type Error struct {
	Name, Path string
	Exit       *run.ExitError
	program    string // what its first line names, "/bin/sh"; "" = nothing
}

// Error shows status and both streams, in Kamal's form.
func (e *Error) Error() string {
	show := func(s string) string {
		if s = strings.TrimSpace(s); s == "" {
			return "Nothing written"
		}
		return s
	}
	how := fmt.Sprintf("exit status: %d", e.Exit.Code)
	if e.Exit.Signal != "" {
		how = "ended by signal " + e.Exit.Signal
	}
	return fmt.Sprintf("Hook `%[1]s` failed:\n%[2]s %[3]s\n%[2]s stdout: %[4]s\n%[2]s stderr: %[5]s",
		e.Name, e.Path, how, show(e.Exit.Stdout), show(e.Exit.Stderr))
}

// Unwrap gives the exit.
func (e *Error) Unwrap() error { return e.Exit }

// Hints say what to try.
func (e *Error) Hints() []string {
	switch {
	case e.Exit.Code == 126:
		return []string{"make it executable: chmod +x " + e.Path}
	case e.Exit.Code == 127 && strings.HasSuffix(e.program, "\r"):
		return []string{e.Path + " has Windows line endings: write it with Unix ones"}
	case e.Exit.Code == 127 && e.program != "" && !isFile(e.program):
		return []string{"its first line names a program that is not there: " + e.program}
	}
	return []string{"mend " + e.Path + ", or leave hooks out with --skip-hooks"}
}

// interpreter is the program that the first line of a script names, with the
// carriage return that Windows leaves behind it.
func interpreter(file string) string {
	text, err := os.ReadFile(file) //nolint:gosec // the hook that was run
	line, _, _ := strings.Cut(string(text), "\n")
	if err != nil || !strings.HasPrefix(line, "#!") {
		return ""
	}
	program, _, _ := strings.Cut(strings.TrimLeft(line[2:], " \t"), " ")
	return program
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
