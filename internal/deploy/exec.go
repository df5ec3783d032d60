package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// ExecRequest is an app exec.
type ExecRequest struct {
	Cmd     string
	Version string // "" = the latest tag, or with Reuse what serves
	Reuse   bool
	Detach  bool
	Env     []kamal.Pair
}

// AppExec runs a command on every selected role and host at once, in a new
// container or in the one that serves. say gets what each printed, whole; with
// raw a single one's output is written there as it comes.
func (e *Engine) AppExec(ctx context.Context, r ExecRequest, raw io.Writer, say func(Said)) error {
	observed, err := e.lookFor(ctx, r, e.Selection.AppHosts)
	if err != nil {
		return err
	}
	targets := e.execTargets()
	var mu sync.Mutex
	errs := make([]error, len(targets))
	var wg sync.WaitGroup
	for i, t := range targets {
		wg.Go(func() {
			cmd := run.Cmd{Name: "app exec"}
			if raw != nil && len(targets) == 1 {
				cmd.Stdout, cmd.Stream = raw, true
			}
			var said Said
			said, errs[i] = e.execOn(ctx, t, observed.Host(t.Host), r, cmd)
			mu.Lock()
			defer mu.Unlock()
			say(said)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// lookFor connects, and observes where the command wants the container that
// serves.
func (e *Engine) lookFor(ctx context.Context, r ExecRequest, hosts []string) (*plan.State, error) {
	if err := e.connect(ctx, hosts); err != nil || !r.Reuse || r.Version != "" {
		return &plan.State{}, err
	}
	return e.observe(ctx, hosts)
}

// execTargets are the selected roles on their hosts.
func (e *Engine) execTargets() []Said {
	var out []Said
	for _, host := range e.Selection.AppHosts {
		for _, role := range e.Selection.RolesOn(host) {
			out = append(out, Said{Host: host, Role: role.Name})
		}
	}
	return out
}

func (e *Engine) execOn(ctx context.Context, t Said, st plan.HostState, r ExecRequest, cmd run.Cmd) (Said, error) {
	h, err := e.host(t.Host)
	if err != nil {
		return t, err
	}
	line, version, err := e.execLine(ctx, h, e.role(t.Role), st, r, "")
	if err != nil {
		return t, err
	}
	role := t.Role
	if !r.Reuse {
		role = "" // as Kamal writes it
	}
	cmd.Line = e.auditLine(role, executed(r.Cmd, version)) + " && " + line
	res, err := h.Run(ctx, cmd)
	t.Text, t.Stderr = res.Stdout, res.Stderr
	var exit *run.ExitError
	if errors.As(err, &exit) {
		t.Text, t.Stderr = exit.Stdout, exit.Stderr
	}
	return t, err
}

func executed(cmd, version string) string {
	return fmt.Sprintf("Executed cmd '%s' on app version %s", cmd, version)
}

// execLine is the docker line of an exec, and the version it runs on.
func (e *Engine) execLine(ctx context.Context, h Host, role *config.Role, st plan.HostState, r ExecRequest, tty string) (string, string, error) {
	names := e.app().Role(role.Name)
	if r.Reuse {
		version := r.Version
		if version == "" {
			var serves bool
			if version, serves = plan.ServingVersion(e.Config, role, st); !serves {
				return "", "", fmt.Errorf("%s on %s: nothing serves, so there is no container to reuse", role.Name, h.Name())
			}
		}
		return kamal.ExecReuseLine(names.Container(version), tty, r.Cmd, r.Env), version, nil
	}
	version := r.Version
	if version == "" {
		version = e.Config.LatestTag()
	}
	if err := e.ensureImage(ctx, h, version); err != nil {
		return "", "", err
	}
	spec := resolve.Exec(e.Config, role, h.Name(), version, names.Exec(version, plan.Nonce(e.RunID, 6, "exec", h.Name(), role.Name)), r.Cmd)
	spec.Extra, spec.TTY = r.Env, tty
	if r.Detach {
		spec.Mode = "--detach"
	}
	return spec.Line(), version, nil
}

// ensureImage pulls a version onto one host where it is missing; no login is
// left there.
func (e *Engine) ensureImage(ctx context.Context, h Host, version string) error {
	_, err := h.Docker().ImageInspect(ctx, e.image(version))
	if !docker.IsNotFound(err) {
		return err
	}
	made, _, err := e.Registry.Look(ctx, version)
	if err != nil {
		return err
	}
	return e.pullOn(ctx, h, version, made.Digest)
}

// InteractiveLine is the line of an interactive exec on the primary host, which
// it gives too; tty is "-it" or "-i".
func (e *Engine) InteractiveLine(ctx context.Context, r ExecRequest, tty string) (Host, string, error) {
	name := e.Selection.PrimaryHost
	role := e.role(e.Selection.PrimaryRole)
	if role == nil {
		return nil, "", fmt.Errorf("no selected role runs on %s", name)
	}
	observed, err := e.lookFor(ctx, r, []string{name})
	if err != nil {
		return nil, "", err
	}
	h, err := e.host(name)
	if err != nil {
		return nil, "", err
	}
	line, _, err := e.execLine(ctx, h, role, observed.Host(name), r, tty)
	return h, line, err
}
