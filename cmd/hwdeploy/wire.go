package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/facts"
	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// world is what a command line works in: where, with what environment, on which
// configuration, and where its words go.
type world struct {
	Dir, Home   string
	Start       string   // the folder of the command line; Dir is another where a worktree is shipped
	Environ     []string // KEY=VALUE, as given; see Config.Environ
	Stdin       io.Reader
	Stderr      io.Writer // redacted
	ConfigFile  string
	Destination string
	Version     string // --version
	Hosts       []string
	Roles       []string
	Primary     bool
	Command     string // outermost command, for hooks
	Subcommand  string
	Program     string // this executable, for hooks
	Sink        event.Sink
	Redactor    *secret.Redactor
	AskHostKey  func(context.Context, sshexec.HostKeyQuestion) (bool, error) // nil = refuse

	kept       *vault.Vault // of the folder keptIn
	keptIn     string
	stopAhead  context.CancelFunc
	aheadEnded sync.WaitGroup
	worktree   io.Closer // held by --in-worktree; else nil
	seen       struct {  // see head
		sync.Mutex
		dir, head string
	}
}

func (w *world) env(name string) string { return lookup(w.Environ, name) }

func lookup(environ []string, name string) string {
	for _, kv := range environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

func (w *world) repo() *git.Repo { return git.New(run.Local{}, w.Dir, w.Environ) }

// head is the commit that the run speaks of, in its version, the image's key and
// the clone that is built: HEAD as it was first seen, whatever is checked out or
// committed meanwhile.
func (w *world) head(ctx context.Context) (string, error) {
	w.seen.Lock()
	defer w.seen.Unlock()
	if w.seen.dir == w.Dir && w.seen.head != "" {
		return w.seen.head, nil
	}
	rev, err := w.repo().Revision(ctx)
	w.seen.dir, w.seen.head = w.Dir, rev
	return rev, err
}

// options are what configuration files are loaded with.
func (w *world) options() config.Options {
	return config.Options{
		Dir: w.Dir, File: w.ConfigFile, Destination: w.Destination, Environ: w.Environ,
		Shell: func(ctx context.Context, line string, environ []string) (string, error) {
			res, err := run.Local{}.Run(ctx, run.Cmd{Name: "run a template's command", Line: line, Dir: w.Dir, Env: environ, Stderr: w.Stderr})
			var exit *run.ExitError
			switch {
			case errors.As(err, &exit) && exit.Code == 127 && !strings.ContainsAny(line, rubyShell):
				name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
				return "", &vault.MissingProgramError{Program: name}
			case exit != nil:
				return exit.Stdout, nil // the exit status is no error, as in Ruby
			}
			return res.Stdout, err
		},
		Dotenv: dotenv,
	}
}

// rubyShell are the characters that make Ruby leave a line to the shell; the
// program of one without them must be there.
const rubyShell = "*?{}[]<>()~&|\\$;'`\"\n#=%"

// dotenv reads a file that a template loads.
func dotenv(text string, overwrite bool, lookup func(string) (string, bool), shell func(string) (string, error)) ([]config.Variable, error) {
	parse := vault.ParseDotenvKeep
	if overwrite {
		parse = vault.ParseDotenv
	}
	pairs, err := parse(text, lookup, shell)
	var out []config.Variable
	for _, p := range pairs {
		out = append(out, config.Variable{Name: p.Name, Value: p.Value})
	}
	return out, err
}

// load reads the configuration and shows its warnings.
func (w *world) load(ctx context.Context) (*config.Config, error) {
	cfg, err := config.Load(ctx, w.options())
	if err != nil {
		return nil, err
	}
	w.warn(cfg)
	return cfg, nil
}

func (w *world) warn(cfg *config.Config) {
	for _, i := range cfg.Warnings {
		m := &event.Message{Pos: i.Pos.String(), Hint: i.Hint}
		i.Kind, i.Pos.File, i.Hint = config.OwnError, "", "" // the message has them
		m.Text = i.String()
		w.Sink.Emit(event.Event{Type: event.Warning, Message: m})
	}
}

// person is who deploys, as Kamal names them.
func (w *world) person(ctx context.Context) deploy.Person {
	p := deploy.Person{LockName: "Unknown"}
	if name, err := w.repo().UserName(ctx); err == nil {
		p.LockName = name
	}
	if mail, err := w.repo().UserEmail(ctx); err == nil {
		p.Performer = mail
	}
	if p.Performer == "" {
		if u, err := user.Current(); err == nil {
			p.Performer = u.Username
		}
	}
	return p
}

// appVersion is --version, VERSION, or the commit with what is uncommitted.
func (w *world) appVersion(ctx context.Context, cfg *config.Config) (string, error) {
	v, err := facts.Version(ctx, w.Version, cfg.Environ, w.Dir, cfg.Builder.ContextSet, checkout{w.repo(), w.head})
	var unnamed *facts.VersionError
	var none *git.NotRepoError
	switch {
	case errors.As(err, &unnamed) && !errors.As(err, &none):
		return v, &noVersion{unnamed.Err} // Kamal's text names another cause
	case errors.As(err, &unnamed):
		return v, &noVersion{err}
	}
	return v, err
}

// noVersion is a project without anything to name its version by.
type noVersion struct{ error }

func (e *noVersion) Unwrap() error { return e.error }
func (e *noVersion) Hints() []string {
	return append(hints(e.error), "commit, or name the version with --version")
}

// checkout adapts a repository to what names a version.
type checkout struct {
	*git.Repo
	head func(context.Context) (string, error)
}

func (c checkout) Head(ctx context.Context) (string, error) { return c.head(ctx) }

func (c checkout) WithChanges(ctx context.Context, head string) (string, error) {
	changes, err := c.Status(ctx)
	if err != nil || len(changes) == 0 {
		return head, err
	}
	return git.Uncommitted(head)
}

// newRunID is 16 random hex digits.
func newRunID() (string, error) {
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}

// engine wires the adapters of one configuration together.
func (w *world) engine(ctx context.Context, cfg *config.Config) (*deploy.Engine, error) {
	selection, err := cfg.Select(w.Hosts, w.Roles, w.Primary)
	if err != nil {
		return nil, err
	}
	id, err := newRunID()
	if err != nil {
		return nil, err
	}
	box := w.secrets(cfg)
	dialer, err := w.dialer(ctx, cfg, box)
	if err != nil {
		return nil, err
	}
	e := &deploy.Engine{
		Config: cfg, Selection: selection, Secrets: box, SecretsAside: box.v.Unattended(), Person: w.person(ctx), Sink: w.Sink, Now: time.Now, RunID: id,
		Pages: os.DirFS(w.path(cfg.ErrorPagesPath)), LockHeld: w.env("KAMAL_LOCK") == "true",
		Env:   deploy.Environment{Command: w.Command, Subcommand: w.Subcommand, Roles: w.rolesFor(selection)},
		Hooks: w.hooks(cfg),
		Dial:  func(ctx context.Context, name string) (deploy.Host, error) { return dialHost(ctx, dialer, name) },
	}
	reg := &lazyRegistry{world: w, cfg: cfg, secrets: box}
	e.Registry, e.Edge = reg, w.edge(cfg, box)
	e.AccessoryAuth, e.LocalFile = reg.accessoryAuth, w.localFile(cfg)
	e.Builder = w.maker(cfg, box, reg)
	if cfg.Extension.Assets != nil {
		e.Assets = w.assets(cfg, box)
	}
	return e, nil
}

// rolesFor names, for hooks, the roles that --roles selects; without it none.
func (w *world) rolesFor(s *config.Selection) string {
	if len(w.Roles) == 0 {
		return ""
	}
	var names []string
	for _, r := range s.Roles {
		names = append(names, r.Name)
	}
	return strings.Join(names, ",")
}

// localFile reads a file of the project; a template is rendered.
func (w *world) localFile(cfg *config.Config) func(context.Context, string, bool, []string) ([]byte, error) {
	return func(ctx context.Context, path string, template bool, environ []string) ([]byte, error) {
		if !template {
			return os.ReadFile(w.path(path))
		}
		text, err := w.rendered(ctx, cfg, w.path(path), environ)
		return []byte(text), err
	}
}

// rendered is a template's text; environ is laid over what the configuration's
// own templates left.
func (w *world) rendered(ctx context.Context, cfg *config.Config, path string, environ []string) (string, error) {
	o := w.options()
	o.Environ = slices.Concat(cfg.Environ, environ)
	return config.RenderFile(ctx, o, path)
}

func (w *world) path(p string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(w.Home, rest)
	}
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(w.Dir, p)
}

// place is file:line, or the file alone when the text is about all of it.
func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
