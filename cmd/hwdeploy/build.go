package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/git"
)

func (a *app) buildCommand() *cobra.Command {
	return group("build", "The image: push, pull, and its builder",
		a.buildDeliver(), a.buildPush(), a.buildPull(), a.buildDev(),
		a.builderCommand("create", "Make the builder, unless there is one", (*image.Maker).Create),
		a.builderCommand("remove", "Remove the builder of our own with its cache", (*image.Maker).Remove),
		a.builderCommand("details", "What builds, and where", (*image.Maker).Details),
	)
}

// buildFlags are those of build's commands.
type buildFlags struct {
	globals
	noCache, build bool
	to             string // Kamal's --output
}

// bindOutput gives --output Kamal's meaning beside ours: where the image goes,
// or how events are shown.
func (f *buildFlags) bindOutput(c *cobra.Command, def string) {
	f.to = def
	flag := c.Flags().Lookup("output")
	flag.Usage = "where the image goes: registry, docker, or TYPE,dest=PATH; or how events are shown: auto, plain, github, json"
	flag.Annotations = map[string][]string{kamalOutput: {def}}
}

// kamalOutput marks an --output of Kamal's.
const kamalOutput = "kamal-output"

func (f *buildFlags) splitOutput() {
	if !isOutput(f.output) {
		f.to, f.output = f.output, "auto"
	}
}

// buildJob is a build command with events and a transcript.
func (a *app) buildJob(cmd *cobra.Command, f *buildFlags, run func(ctx context.Context, e *deploy.Engine, r deploy.Request) error) error {
	f.splitOutput()
	j := job{app: a, g: &f.globals, cmd: cmd}
	j.make = func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error) {
		r, err := j.request(ctx, w, cfg, "build")
		r.NoCache, r.Build = f.noCache, f.build
		return r, err
	}
	j.run = func(ctx, _ context.Context, e *deploy.Engine, r deploy.Request) error { return run(ctx, e, r) }
	return j.do(cmd.Context())
}

func (f *buildFlags) bindBuild(c *cobra.Command) {
	f.bind(c, true)
	c.Flags().BoolVar(&f.noCache, "no-cache", false, "build without the builder's cache")
	c.Flags().BoolVar(&f.build, "build", false, "build also when the registry has the same image")
}

func (a *app) buildPush() *cobra.Command {
	f := &buildFlags{}
	c := &cobra.Command{Use: "push", Short: "Build and push the image", Args: cobra.NoArgs}
	f.bindBuild(c)
	f.bindOutput(c, "registry")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.buildJob(cmd, f, func(ctx context.Context, e *deploy.Engine, r deploy.Request) error {
			_, err := e.BuildPush(ctx, r, f.to)
			return err
		})
	}
	return c
}

func (a *app) buildPull() *cobra.Command {
	f := &buildFlags{}
	c := &cobra.Command{Use: "pull", Short: "Pull the image onto the hosts", Args: cobra.NoArgs}
	f.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.buildJob(cmd, f, func(ctx context.Context, e *deploy.Engine, r deploy.Request) error {
			if err := e.PreConnect(ctx, r.Version, r.SkipHooks); err != nil {
				return err
			}
			return e.BuildPull(ctx, r, image.Made{})
		})
	}
	return c
}

func (a *app) buildDeliver() *cobra.Command {
	f := &buildFlags{}
	c := &cobra.Command{Use: "deliver", Short: "Build and push the image, then pull it onto the hosts", Args: cobra.NoArgs}
	f.bindBuild(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.buildJob(cmd, f, func(ctx context.Context, e *deploy.Engine, r deploy.Request) error {
			made, err := e.BuildPush(ctx, r, "")
			if err != nil {
				return err
			}
			return e.BuildPull(ctx, r, made)
		})
	}
	return c
}

func (a *app) buildDev() *cobra.Command {
	f := &buildFlags{}
	c := &cobra.Command{Use: "dev", Short: "Build the working tree as it is, tagged VERSION-dirty, into this machine's engine", Args: cobra.NoArgs}
	f.bind(c, true)
	c.Flags().BoolVar(&f.noCache, "no-cache", false, "build without the builder's cache")
	f.bindOutput(c, "docker")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.buildJob(cmd, f, func(ctx context.Context, e *deploy.Engine, r deploy.Request) error {
			if err := a.sayChanges(ctx, f.in(a, cmd), e); err != nil {
				return err
			}
			return e.BuildExport(ctx, r, f.to, true)
		})
	}
	return c
}

// sayChanges lists what is not committed and gets into the image.
func (a *app) sayChanges(ctx context.Context, w *world, e *deploy.Engine) error {
	changes, err := w.repo().Status(ctx)
	var none *git.NotRepoError
	if err != nil && !errors.As(err, &none) && !errors.Is(err, git.ErrNoGit) {
		return err
	}
	for _, c := range changes {
		e.Sink.Emit(event.Event{Type: event.Notice, Message: &event.Message{Text: "not committed: " + c.String()}})
	}
	return nil
}

// builderCommand is a command about the builder alone.
func (a *app) builderCommand(name, short string, do func(*image.Maker, context.Context, image.Say) error) *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			maker, ok := e.Builder.(*image.Maker)
			if !ok {
				return fmt.Errorf("build %s: no such builder", name)
			}
			return do(maker, ctx, func(format string, args ...any) {
				fmt.Fprintf(a.stdout, format+"\n", args...) //nolint:errcheck // as every print
			})
		})
	}
	return c
}
