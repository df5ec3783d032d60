package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/hooks"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/event"
	cmdrun "github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/registry"
	"github.com/warmlyyours/hwdeploy/sshexec"
)

// engine is a deploy.Engine of the project, wired as the program wires it, for
// scenarios that look at what happens between two steps.
func (w *world) engine() *deploy.Engine {
	w.Helper()
	cfg, err := config.Load(w.Context(), config.Options{Dir: w.dir, File: config.DefaultFile, Destination: "lab", Environ: w.env, Shell: w.shell})
	if err != nil {
		w.Fatal(err)
	}
	all, err := cfg.Select(nil, nil, false)
	if err != nil {
		w.Fatal(err)
	}
	dialer := sshexec.New(sshexec.Options{
		HomeDir: w.TempDir(), WorkDir: w.dir, User: "root", Port: 22, ConfigFiles: []string{theLab.SSHConfig},
		KnownHosts: []string{filepath.Join(w.dir, "config/known_hosts")}, Env: func(string) string { return "" },
	})
	box := labSecrets{vault.New(vault.Options{Dir: w.dir, Destination: "lab", Environ: w.env, Runner: cmdrun.Local{}})}
	return &deploy.Engine{
		Config: cfg, Selection: all, Secrets: box, Registry: &labRegistry{cfg: cfg, box: box}, Person: deploy.Person{LockName: "lab", Performer: "lab@example.test"},
		Hooks: labHooks{&hooks.Runner{Dir: w.dir, Path: cfg.HooksPath, Environ: w.env, Local: cmdrun.Local{}}},
		Dial: func(ctx context.Context, name string) (deploy.Host, error) {
			c, err := dialer.Dial(ctx, name)
			if err != nil {
				return nil, err
			}
			return labHost{c, docker.New(c.DialDocker, docker.Options{Host: name})}, nil
		},
		Sink: told{w}, Now: time.Now, RunID: fmt.Sprintf("%016x", time.Now().UnixNano()), Pages: os.DirFS(filepath.Join(w.dir, cfg.ErrorPagesPath)),
	}
}

func (w *world) shell(ctx context.Context, line string, env []string) (string, error) {
	res, err := cmdrun.Local{}.Run(ctx, cmdrun.Cmd{Line: line, Dir: w.dir, Env: env})
	return res.Stdout, err
}

func (w *world) read(path string) string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, path))
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// told shows failed steps.
type told struct{ w *world }

func (t told) Emit(e event.Event) {
	if e.Done != nil && e.Done.Status == event.Failed {
		t.w.Logf("%s: %s", e.Step, e.Done.Error)
	}
}

type labHost struct {
	*sshexec.Client
	engine *docker.Client
}

func (h labHost) Name() string           { return h.Client.Host() }
func (h labHost) Docker() *docker.Client { return h.engine }
func (h labHost) Close() error           { h.engine.Close(); return h.Client.Close() }

func (h labHost) Start(ctx context.Context, line string) (deploy.Session, error) {
	s, err := h.Client.Start(ctx, line)
	return labSession{s}, err
}

type labSession struct{ *sshexec.Session }

func (s labSession) Stdin() io.WriteCloser { return s.Session.Stdin }
func (s labSession) Stdout() io.Reader     { return s.Session.Stdout }

type labSecrets struct{ v *vault.Vault }

func (s labSecrets) Lookup(ctx context.Context, name string) (secret.Secret, error) {
	return s.v.Get(ctx, name)
}

func (s labSecrets) All(ctx context.Context) (out []deploy.NamedSecret, err error) {
	entries, err := s.v.All(ctx)
	for _, e := range entries {
		out = append(out, deploy.NamedSecret{Name: e.Name, Value: e.Value})
	}
	return out, err
}

type labHooks struct{ *hooks.Runner }

func (h labHooks) Run(ctx context.Context, name string, env []string, _ []deploy.NamedSecret, output func(stream, text string)) error {
	return h.Runner.Run(ctx, name, env, nil, output)
}

type labRegistry struct {
	cfg  *config.Config
	box  labSecrets
	auth secret.Secret
}

func (r *labRegistry) Login(context.Context) error { return nil }
func (r *labRegistry) Auth() secret.Secret         { return r.auth }

func (r *labRegistry) Look(ctx context.Context, tag string) (image.Made, string, error) {
	password, err := r.box.Lookup(ctx, r.cfg.Registry.Password.Secret)
	if err != nil {
		return image.Made{}, "", err
	}
	c, err := registry.New(registry.Options{Server: r.cfg.Registry.Server, Username: r.cfg.Registry.Username.Literal, Password: password, Insecure: true})
	if err != nil {
		return image.Made{}, "", err
	}
	if r.auth, err = c.EncodedAuth(); err != nil {
		return image.Made{}, "", err
	}
	digest, err := c.Digest(ctx, r.cfg.Repository()+":"+tag)
	return image.Made{Digest: digest}, r.cfg.Service, err
}
