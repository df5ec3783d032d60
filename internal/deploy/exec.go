package deploy

import (
	"context"
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

// AppExec runs a command on every selected role and host, in a new container or
// in the one that serves. say gets what each printed, whole.
func (e *Engine) AppExec(ctx context.Context, r ExecRequest, say func(Said)) error {
	observed, err := e.look(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	return e.each(ctx, e.Selection.AppHosts, func(ctx context.Context, h Host) error {
		for _, role := range e.rolesOn(h.Name()) {
			line, version, err := e.execLine(ctx, h, role, observed.State.Host(h.Name()), r, "")
			if err != nil {
				return err
			}
			res, err := h.Run(ctx, run.Cmd{Name: "app exec", Line: e.auditLine(role.Name, executed(r.Cmd, version)) + " && " + line})
			mu.Lock()
			say(Said{Host: h.Name(), Role: role.Name, Text: res.Stdout})
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	})
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
			version, _ = plan.Serving(e.Config, role, st)
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
	h, err := e.primary(ctx)
	if err != nil {
		return nil, "", err
	}
	role := e.role(e.Selection.PrimaryRole)
	if role == nil {
		return nil, "", fmt.Errorf("no selected role runs on %s", h.Name())
	}
	st, err := e.observeHost(ctx, h)
	if err != nil {
		return nil, "", err
	}
	line, _, err := e.execLine(ctx, h, role, st, r, tty)
	return h, line, err
}

// AppLogs shows the log of each selected role and host. Following goes on until
// ctx ends, on the primary host only.
func (e *Engine) AppLogs(ctx context.Context, s kamal.LogsSpec, say func(Said), follow io.Writer) error {
	latest := resolve.Image(e.Config, e.Config.LatestTag())
	if s.Follow {
		h, err := e.primary(ctx)
		if err != nil {
			return err
		}
		for _, role := range e.rolesOn(h.Name())[:1] {
			_, err = h.Run(ctx, run.Cmd{Name: "app logs", Read: true, Line: e.app().Role(role.Name).LogsLine(latest, s), Stdout: follow, Stream: true})
		}
		return err
	}
	if err := e.connect(ctx, e.Selection.AppHosts); err != nil {
		return err
	}
	var mu sync.Mutex
	return e.each(ctx, e.Selection.AppHosts, func(ctx context.Context, h Host) error {
		for _, role := range e.rolesOn(h.Name()) {
			res, err := h.Run(ctx, run.Cmd{Name: "app logs", Read: true, Line: e.app().Role(role.Name).LogsLine(latest, s)})
			text := res.Stdout
			if err != nil {
				text = "Nothing found"
			}
			mu.Lock()
			say(Said{Host: h.Name(), Role: role.Name, Text: text})
			mu.Unlock()
		}
		return nil
	})
}
