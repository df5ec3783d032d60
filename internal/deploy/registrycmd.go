package deploy

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// RegistryLogin logs docker in on every host, with the password on its input.
func (e *Engine) RegistryLogin(ctx context.Context, username string, password secret.Secret) error {
	return e.onAll(ctx, "login", "docker login", func() run.Cmd {
		return LoginCmd(e.Config.Registry.Server, username, password)
	})
}

// LoginCmd logs a docker in.
func LoginCmd(server, username string, password secret.Secret) run.Cmd {
	return run.Cmd{Name: "docker login", Line: kamal.LoginStdinLine(server, username), Stdin: strings.NewReader(password.Reveal())}
}

// RegistryLogout takes the logins back.
func (e *Engine) RegistryLogout(ctx context.Context) error {
	return e.onAll(ctx, "logout", "docker logout", func() run.Cmd { return LogoutCmd(e.Config.Registry.Server) })
}

// LogoutCmd takes a login back.
func LogoutCmd(server string) run.Cmd {
	return run.Cmd{Name: "docker logout", Line: kamal.LogoutLine(server)}
}

// onAll runs a command on all selected hosts as a step each.
func (e *Engine) onAll(ctx context.Context, id, title string, cmd func() run.Cmd) error {
	if err := e.connect(ctx, e.Selection.Hosts); err != nil {
		return err
	}
	return e.each(ctx, e.Selection.Hosts, func(ctx context.Context, h Host) error {
		return e.hostPhase(ctx, h, id, title, func(ctx context.Context) (string, error) {
			_, err := h.Run(ctx, cmd())
			return "", err
		})
	})
}
