package deploy

import (
	"context"
	"fmt"

	"github.com/warmlyyours/hwdeploy/hooks"
	"github.com/warmlyyours/hwdeploy/internal/docker"
)

// sourcemaps starts the upload of source maps in the container that the primary
// host serves now, once however many hosts there are. The key is in the exec's
// environment, never in a command line. Nobody waits for the upload.
func (e *Engine) sourcemaps(ctx context.Context, r Request) error {
	s := e.Config.Extension.Sourcemaps
	role := e.role(e.Config.PrimaryRole)
	if s == nil || role == nil || role.Name != e.Selection.PrimaryRole {
		return nil // not configured, or --roles left out the role that has the maps
	}
	return e.phase(ctx, "sourcemaps", "start the upload of source maps", func(ctx context.Context) (string, error) {
		env, err := e.sourcemapEnv(ctx)
		if err != nil {
			return "", err
		}
		h, err := e.host(e.Selection.PrimaryHost)
		if err != nil {
			return "", err
		}
		name := e.app().Role(role.Name).Container(r.Version)
		if err := h.Docker().ExecDetached(ctx, name, docker.ExecOptions{Argv: hooks.Sourcemaps(s.Cmd, r.Version), Env: env}); err != nil {
			return "", err
		}
		return fmt.Sprintf("goes on in %s on %s; `hwdeploy app logs --roles=%s` shows it", name, h.Name(), role.Name), nil
	})
}

func (e *Engine) sourcemapEnv(ctx context.Context) ([]string, error) {
	s := e.Config.Extension.Sourcemaps
	var env []string
	for _, p := range s.Env {
		env = append(env, p.Key+"="+p.Value.Text())
	}
	for _, name := range s.Secrets {
		v, err := e.Secrets.Lookup(ctx, name)
		if err != nil {
			return nil, err
		}
		env = append(env, name+"="+v.Reveal())
	}
	return env, nil
}
