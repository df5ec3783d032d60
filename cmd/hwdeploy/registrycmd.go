package main

import (
	"context"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

func (a *app) registryCommand() *cobra.Command {
	return group("registry", "Logins to the registry, and Kamal's local registry",
		a.registrySub("login", "Log docker in, here and on the hosts", notLocal("login", "setup", (*registryJob).login)),
		a.registrySub("logout", "Log docker out, here and on the hosts", notLocal("logout", "remove", (*registryJob).logout)),
		a.registrySub("setup", "login; or start the local registry", (*registryJob).setup),
		a.registrySub("remove", "logout; or remove the local registry", (*registryJob).remove),
	)
}

// registryJob is one of the commands under way.
type registryJob struct {
	skipLocal, skipRemote bool
	world                 *world
	engine                *deploy.Engine
	maker                 *image.Maker
}

func (a *app) registrySub(name, short string, do func(*registryJob, context.Context) error) *cobra.Command {
	g, r := &globals{}, &registryJob{}
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	g.bind(c, true)
	c.Flags().BoolVarP(&r.skipLocal, "skip-local", "L", false, "not on this machine")
	c.Flags().BoolVarP(&r.skipRemote, "skip-remote", "R", false, "not on the hosts")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		j := job{app: a, g: g, cmd: cmd}
		j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
			r.world = w
			return j.perhapsVersioned(ctx, w, cfg, "registry"), nil
		}
		j.run = func(ctx, _ context.Context, e *deploy.Engine, q deploy.Request) error {
			r.engine = e
			r.maker, _ = e.Builder.(*image.Maker) // the only one there is
			if err := e.PreConnect(ctx, q.Version, q.SkipHooks); err != nil {
				return err
			}
			return do(r, ctx)
		}
		return j.do(cmd.Context())
	}
	return c
}

// notLocal refuses a command that has no meaning for the local registry.
func notLocal(name, instead string, do func(*registryJob, context.Context) error) func(*registryJob, context.Context) error {
	return func(r *registryJob, ctx context.Context) error {
		if r.engine.Config.Registry.Local {
			return usage("Cannot use %s command with a local registry. Use `hwdeploy registry %s` instead.", name, instead)
		}
		return do(r, ctx)
	}
}

// login checks the credentials from here, too, where no docker is needed.
func (r *registryJob) login(ctx context.Context) error {
	access, err := r.maker.Registry(ctx)
	if err != nil {
		return err
	}
	server := r.engine.Config.Registry.Server
	if !r.skipLocal {
		if err := access.Client.Login(ctx); err != nil {
			return err
		}
		if err := r.here(ctx, deploy.LoginCmd(server, access.Username, access.Password)); err != nil {
			return err
		}
	}
	if r.skipRemote {
		return nil
	}
	return r.engine.RegistryLogin(ctx, access.Username, access.Password)
}

func (r *registryJob) logout(ctx context.Context) error {
	if !r.skipLocal {
		if err := r.here(ctx, deploy.LogoutCmd(r.engine.Config.Registry.Server)); err != nil {
			return err
		}
	}
	if r.skipRemote {
		return nil
	}
	return r.engine.RegistryLogout(ctx)
}

// here runs docker's program on this machine, if there is one.
func (r *registryJob) here(ctx context.Context, c run.Cmd) error {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil //nolint:nilerr // nothing to log in
	}
	c.Dir, c.Env = r.world.Dir, r.world.Environ
	_, err := run.Local{}.Run(ctx, c)
	return err
}

func (r *registryJob) setup(ctx context.Context) error {
	if !r.engine.Config.Registry.Local {
		return r.login(ctx)
	}
	if r.skipLocal {
		return nil
	}
	return r.maker.StartRegistry(ctx)
}

func (r *registryJob) remove(ctx context.Context) error {
	if !r.engine.Config.Registry.Local {
		return r.logout(ctx)
	}
	if r.skipLocal {
		return nil
	}
	return r.maker.StopRegistry(ctx)
}
