package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/edge/mistake"
	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/ui"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/registry"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// nowhere drops events.
type nowhere struct{}

func (nowhere) Emit(event.Event) {}

// sink is where events are shown, by --output, which checkOutput has seen; done
// ends it before anything else is printed.
func (g *globals) sink(a *app) (shown event.Sink, done func()) {
	if screen := a.screen(); screen != nil && !g.quiet && (g.output == "tty" || g.output == "auto" && !g.verbose && a.env("CI") == "") {
		a.live = ui.NewLive(ui.LiveOptions{Out: screen, Clean: a.redactor.String, Now: a.now})
		return a.live, a.live.Close
	}
	return g.lines(a), func() {}
}

// screen is the terminal that standard output is; nil where it is none, or one
// that can't be drawn on.
func (a *app) screen() *os.File {
	f, ok := a.open.(*os.File)
	if !ok || a.env("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) || !sized(f) { //nolint:gosec // a descriptor fits
		return nil
	}
	return f
}

// lines shows events without a terminal.
func (g *globals) lines(a *app) event.Sink {
	how := g.output
	if how == "auto" && a.env("GITHUB_ACTIONS") == "true" {
		how = "github"
	}
	switch {
	case how == "github":
		return ui.NewGitHub(a.stdout)
	case how == "json":
		return ui.NewJSON(a.stdout, a.now)
	case g.quiet:
		return quiet{ui.NewPlain(a.stderr, false)}
	}
	return ui.NewPlain(a.stdout, g.verbose)
}

// outputs are the values of --output.
var outputs = []string{"auto", "tty", "plain", "github", "json"}

// checkValues refuses values of common flags before anybody is asked, whatever the
// command; one that a command does not have is none.
func checkValues(f *pflag.FlagSet) error {
	if o := f.Lookup("output"); o != nil && !isOutput(o.Value.String()) && o.Annotations[kamalOutput] == nil {
		return usage("--output %s: it is auto, tty, plain, github or json", o.Value)
	}
	for name, least := range map[string]int{"lock-wait-timeout": 0, "lock-wait-interval": 1} {
		if n, err := f.GetInt(name); err == nil && n < least {
			return usage("--%s %d: at least %d", name, n, least)
		}
	}
	return nil
}

func isOutput(name string) bool {
	return slices.Contains(outputs, name)
}

// quiet passes warnings only.
type quiet struct{ next event.Sink }

func (q quiet) Emit(e event.Event) {
	if e.Type == event.Warning {
		q.next.Emit(e)
	}
}

// transcript opens the file that keeps a plain copy of a run; "" without a home.
func (a *app) transcript(command string) (*os.File, error) {
	base := a.env("XDG_STATE_HOME")
	if base == "" {
		if a.home == "" {
			return nil, nil //nolint:nilnil // no home, no transcript
		}
		base = filepath.Join(a.home, ".local", "state")
	}
	dir := filepath.Join(base, "hwdeploy")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s-%s.log", a.now().UTC().Format("20060102T150405.000Z"), command)
	return os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the user's own folder
}

// serving says what serves after an error, as the last event tells it.
func serving(err error) []string {
	var s interface{ Serving() []string }
	if errors.As(err, &s) {
		return s.Serving()
	}
	return nil
}

// hints say what to try after an error.
func hints(err error) []string {
	var h interface{ Hints() []string }
	if errors.As(err, &h) {
		return h.Hints()
	}
	return nil
}

// reported is an error whose run kept a transcript.
type reported struct {
	error
	transcript string
}

func (r *reported) Unwrap() error { return r.error }

// report prints an error and gives the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return ui.ExitDone
	}
	var kept *reported
	file := ""
	if errors.As(err, &kept) {
		file = kept.transcript
	}
	printError(a.stderr, err, file)
	return a.exitCode(err)
}

// exitCode is that of the error, or of a cancelled run: whatever a signal broke,
// unless something is left that needs a person.
func (a *app) exitCode(err error) int {
	code := exitCode(err)
	if a.interrupted.Load() && code != ui.ExitDone && code != ui.ExitPerson {
		return ui.ExitCancelled
	}
	return code
}

// printError prints an error for people; mistakes in the configuration speak for
// themselves, each with its place.
func printError(w io.Writer, err error, transcript string) {
	var silent interface{ Silent() bool }
	if errors.As(err, &silent) && silent.Silent() {
		return
	}
	var mistakes *config.Errors
	if !errors.As(err, &mistakes) {
		ui.PrintError(w, err, transcript)
		return
	}
	name := ""
	if len(mistakes.Issues) > 0 && mistakes.Issues[0].Pos.File == "" { // of the command line, not of a file
		name = "hwdeploy: "
	}
	fmt.Fprintln(w, name+mistakes.Error()) //nolint:errcheck // nothing can be told then
}

// exitCode gives adapters' errors, which know no exit codes, theirs.
func exitCode(err error) int {
	var connect *sshexec.ConnectError
	var lost *build.LostError
	var auth *registry.AuthError
	var reg *registry.Error
	var file *vault.FileError
	var missing *vault.NotFoundError
	var words *vault.UsageError
	var files mistake.List
	var cloud *edge.Error
	var mistakes *config.Errors
	var failure *deploy.Failure
	switch code := ui.ExitCode(err); {
	case code != ui.ExitFailed:
		return code
	case errors.As(err, &failure) && failure.Live:
		return ui.ExitFailed
	case errors.As(err, &words) && !errors.As(err, &file): // a file's words are its own mistake
		return ui.ExitUsage
	case errors.As(err, &mistakes), errors.As(err, &file), errors.As(err, &missing), errors.As(err, &files), assets.IsConfig(err):
		return ui.ExitConfig
	case registry.IsNotFound(err), errors.As(err, &cloud) && !cloud.Refused():
		return ui.ExitFailed
	case errors.As(err, &connect), errors.As(err, &lost), errors.As(err, &auth), errors.As(err, &reg), errors.As(err, &cloud), assets.IsRefused(err):
		return ui.ExitUnreachable
	}
	return ui.ExitFailed
}
