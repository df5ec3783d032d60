package deploy

import (
	"context"

	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/event"
)

// BuildPush is `build push`: the hook pre-build, then the image into the
// registry, or with an output (image.ExportOptions.To) elsewhere.
func (e *Engine) BuildPush(ctx context.Context, r Request, output string) (image.Made, error) {
	if err := e.Builder.Check(); err != nil {
		return image.Made{}, err
	}
	if err := e.PreConnect(ctx, r.Version, r.SkipHooks); err != nil {
		return image.Made{}, err
	}
	if output == "" || output == "registry" {
		return e.build(ctx, r)
	}
	if err := e.hook(ctx, r, "pre-build", e.Selection.Hosts, nil); err != nil {
		return image.Made{}, err
	}
	return image.Made{}, e.BuildExport(ctx, r, output, false)
}

// BuildExport builds and puts the image where output says. dirty is `build dev`:
// the working tree as it is.
func (e *Engine) BuildExport(ctx context.Context, r Request, output string, dirty bool) error {
	return e.phase(ctx, "build", "build "+e.image(r.Version), func(ctx context.Context) (string, error) {
		return e.Builder.Export(ctx, image.ExportOptions{
			Options: image.Options{Version: r.Version, NoCache: r.NoCache, Emit: e.emitAs("build")}, To: output, Dirty: dirty,
		})
	})
}

// emitAs names the step of events.
func (e *Engine) emitAs(step string) func(event.Event) {
	return func(x event.Event) {
		x.Step = step
		e.Sink.Emit(x)
	}
}

// BuildPull is `build pull`: the version onto every app host. made is what a
// push before gave, empty = what the registry has.
func (e *Engine) BuildPull(ctx context.Context, r Request, made image.Made) error {
	if err := e.connect(ctx, e.Selection.AppHosts); err != nil {
		return err
	}
	if err := e.Pull(ctx, r.Version, made, nil); err != nil {
		return err
	}
	return e.each(ctx, e.Selection.AppHosts, func(ctx context.Context, h Host) error {
		return e.audit(ctx, h, "", "Pulled image with version "+r.Version)
	})
}
