package facts_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/facts"
	"github.com/warmlyyours/hwdeploy/internal/git"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

// ours are the facts in which we differ from Kamal on purpose.
var ours = map[string]string{
	"C114 secret[LOST]": `"pa$word"`, // a dollar in a command's output is no variable
}

// Every case of the document, as it is written there.
func TestCases(t *testing.T) {
	cases, _ := readCases(t)
	checked := 0
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) { checked += c.check(t) })
	}
	t.Logf("%d cases, %d facts", len(cases), checked)
	if len(cases) != 101 || checked != 295 {
		t.Errorf("only %d cases with %d facts were checked", len(cases), checked)
	}
}

func (c testCase) check(t *testing.T) (checked int) {
	p := newProject(t, c.Files, c.Invoke)
	cfg, err := config.Load(context.Background(), p.options())
	for _, f := range c.Facts {
		checked++
		got := p.fact(cfg, err, f.Key)
		want := strings.ReplaceAll(f.Value, "<cwd>", p.dir)
		if w, ok := ours[c.ID+" "+f.Key]; ok {
			want = w
		}
		if !p.same(got, want) {
			t.Errorf("%s\n got %s\nwant %s", f.Key, got, want)
		}
		if cfg != nil && !p.printed(cfg, f.Key, got) {
			t.Errorf("%s is not among all facts", f.Key)
		}
	}
	return checked
}

// project is the folder of a case.
type project struct {
	t      *testing.T
	dir    string
	flags  flags
	warned []string
	loaded error // what is wrong with the whole, nil = loaded
}

func newProject(t *testing.T, files map[string]string, f flags) *project {
	t.Helper()
	return &project{t: t, dir: write(t, files), flags: f}
}

func (p *project) environ() []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir}, p.flags.Env...)
}

func (p *project) options() config.Options {
	return config.Options{
		Dir: p.dir, File: p.flags.File, Destination: p.flags.Destination, Environ: p.environ(),
		Shell:      p.shell,
		DockerArch: func(context.Context) (string, error) { return "amd64", nil },
	}
}

func (p *project) shell(ctx context.Context, line string, environ []string) (string, error) {
	res, err := run.Local{}.Run(ctx, run.Cmd{Line: line, Dir: p.dir, Env: environ})
	var exit *run.ExitError
	if errors.As(err, &exit) {
		return exit.Stdout, nil
	}
	return res.Stdout, err
}

// fact gives the value of the fact's line.
func (p *project) fact(cfg *config.Config, loadErr error, key string) string {
	ctx := context.Background()
	p.loaded = loadErr
	if cfg == nil {
		return p.unloaded(ctx, loadErr, key)
	}
	for _, w := range cfg.Warnings {
		p.warned = append(p.warned, w.String())
	}
	found := facts.Find(ctx, p.factOptions(cfg), key)
	if len(found) != 1 {
		return "there is no such fact"
	}
	line, ok := strings.CutPrefix(found[0].Text(true), key+" = ")
	if !ok {
		return "another key: " + found[0].Key()
	}
	return line
}

// printed tells whether the fact is among those that are printed unasked. The
// subject of a selection stands for the filters of the command line; encodings
// are printed only on demand.
func (p *project) printed(cfg *config.Config, key, value string) bool {
	if strings.Contains(key, `["`) || strings.Contains(key, "[{") {
		return true
	}
	o := p.factOptions(cfg)
	if subject, ok := strings.CutPrefix(key, "sel."); ok {
		_, subject, _ = strings.Cut(strings.TrimSuffix(subject, "]"), "[")
		for part := range strings.FieldsSeq(subject) {
			switch word, list, _ := strings.Cut(part, "="); word {
			case "hosts":
				o.Hosts = config.SplitFilter(list)
			case "roles":
				o.Roles = config.SplitFilter(list)
			case "-p":
				o.Primary = true
			}
		}
	}
	for _, f := range facts.All(context.Background(), o) {
		if f.Text(true) == key+" = "+value {
			return true
		}
	}
	return false
}

func (p *project) unloaded(ctx context.Context, loadErr error, key string) string {
	raw, err := config.LoadRaw(ctx, p.options())
	if err != nil {
		raw = nil
	}
	for _, f := range append(facts.Unloaded(loadErr, raw), facts.Find(ctx, facts.Options{}, key)...) {
		if f.Key() == key {
			return strings.TrimPrefix(f.Text(true), key+" = ")
		}
	}
	return "not loaded: " + loadErr.Error()
}

func (p *project) factOptions(cfg *config.Config) facts.Options {
	secrets := vault.New(vault.Options{
		Dir: p.dir, SecretsPath: cfg.SecretsPath, Destination: cfg.Destination, Environ: cfg.Environ, Runner: run.Local{},
		Warn: func(w vault.Warning) { p.warned = append(p.warned, w.Text) },
	})
	return facts.Options{
		Config: cfg, Secrets: secrets, Arch: p.options().DockerArch,
		Render: func(ctx context.Context, path string, environ []string) (string, error) {
			o := p.options()
			o.Environ = append(append([]string{}, cfg.Environ...), environ...)
			return config.RenderFile(ctx, o, path)
		},
		Version: func(ctx context.Context) (string, error) {
			return facts.Version(ctx, p.version(), p.environ(), p.dir, cfg.Builder.ContextSet, checkout{git.New(run.Local{}, p.dir, p.environ())})
		},
	}
}

func (p *project) version() string {
	if p.flags.Version == "" && !p.flags.NoVersion {
		return "v1"
	}
	return p.flags.Version
}

type checkout struct{ *git.Repo }

func (c checkout) Head(ctx context.Context) (string, error) { return c.Revision(ctx) }

func (c checkout) WithChanges(ctx context.Context, head string) (string, error) {
	changes, err := c.Status(ctx)
	if err != nil || len(changes) == 0 {
		return head, err
	}
	return git.Uncommitted(head)
}

// same compares a fact. What makes Kamal crash, or its YAML library refuse, must
// be refused or warned about.
func (p *project) same(got, want string) bool {
	if strings.HasPrefix(want, "error: crash (") || strings.HasPrefix(want, "error: YAML (") {
		return strings.HasPrefix(got, "error: ") || len(p.warned) > 0
	}
	return got == want
}
