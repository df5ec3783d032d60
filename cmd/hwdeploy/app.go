package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// app is the program's outside: streams, environment, folder. Tests make their
// own.
type app struct {
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	open     io.Writer // standard output past the redactor, for secrets asked for by name
	environ  []string
	dir      string
	home     string
	program  string // path of this executable
	now      func() time.Time
	redactor *secret.Redactor
	asker    ui.Asker // nil = nobody can be asked
	asKamal  bool     // called by Kamal's name, as hooks do

	bases       map[string]string // what baseName gave, by file
	live        *ui.Live          // what draws on the terminal; nil = nothing does
	interrupted atomic.Bool       // a signal came while a command ran
}

func newApp() *app {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // then there are no default keys and no transcript
	}
	program, err := os.Executable()
	if err != nil {
		program = ""
	}
	r := secret.NewRedactor()
	return &app{
		stdin: os.Stdin, stdout: r.Writer(os.Stdout), stderr: r.Writer(os.Stderr), open: os.Stdout, environ: os.Environ(),
		dir: dir, home: home, program: program, now: time.Now, redactor: r, asker: terminal(os.Environ()),
	}
}

// run executes a command line and gives the exit code.
func (a *app) run(ctx context.Context, argv []string) int {
	args := argv[1:]
	if filepath.Base(argv[0]) == "kamal" {
		a.asKamal, args = true, kamalWords(args)
	}
	err := a.execute(ctx, args)
	code := a.report(err)
	a.flush()
	return code
}

// flush lets go of what the redactor held back.
func (a *app) flush() {
	for _, w := range []io.Writer{a.stdout, a.stderr} {
		if f, ok := w.(interface{ Flush() error }); ok {
			f.Flush() //nolint:errcheck // nothing can be told when this fails
		}
	}
}

func (a *app) env(name string) string { return lookup(a.environ, name) }
