package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// ExportOptions are those of a build whose image goes elsewhere than into the
// registry.
type ExportOptions struct {
	Options
	// To is a type of buildx's with its attributes: "docker" (this machine's
	// engine), "docker,dest=FILE", "oci,dest=FILE", "tar,dest=FILE", "local,dest=DIR".
	To string
	// Dirty builds the working tree as it is and marks the tags, as `build dev`.
	Dirty bool
}

// Export builds and puts the result where To says. It tells where that is.
func (m *Maker) Export(ctx context.Context, o ExportOptions) (string, error) {
	if err := m.Check(); err != nil {
		return "", err
	}
	attrs, err := build.ParseAttrs("type=" + o.To)
	if err != nil {
		return "", &OutputError{To: o.To}
	}
	access, err := m.Registry(ctx)
	if err != nil {
		return "", err
	}
	r, err := m.request(ctx, access, o.Options)
	if err != nil {
		return "", err
	}
	suffix := ""
	if o.Dirty {
		suffix = "-dirty"
	} else if r.Dir, err = m.source(ctx); err != nil {
		return "", err
	}
	r.Output.Names = []string{m.Config.Repository() + ":" + o.Version + suffix, m.Config.Repository() + ":" + m.Config.LatestTag() + suffix}
	j, p := &job{Maker: m, o: o.Options, access: access, request: r}, &place{}
	defer p.close()
	if err := p.dial(ctx, m); err != nil {
		return "", err
	}
	if err := p.open(ctx, j); err != nil {
		return "", err
	}
	return j.export(ctx, p.builder, p.machine, attrs, o.To)
}

func (j *job) export(ctx context.Context, b *build.Builder, machine Machine, attrs map[string]string, to string) (string, error) {
	kind, dest := attrs["type"], attrs["dest"]
	delete(attrs, "type")
	delete(attrs, "dest")
	name := j.request.Output.Names[0]
	switch {
	case kind == "docker" && dest == "" && b.IsEngine():
		_, err := b.Build(ctx, j.request)
		return name + " is in the engine" + on(machine.Name), explain(err)
	case kind == "docker" && dest == "":
		return name + " is in this machine's engine", j.load(ctx, b, attrs)
	case kind == "local" && dest != "":
		j.request.Output.Export = &build.Export{Type: kind, Attrs: attrs, Dir: j.below(dest)}
	case (kind == "docker" || kind == "oci" || kind == "tar") && dest != "":
		j.request.Output.Export = &build.Export{Type: kind, Attrs: attrs, Open: func() (io.WriteCloser, error) { return os.Create(j.below(dest)) }}
	default:
		return "", &OutputError{To: to}
	}
	_, err := b.Build(ctx, j.request)
	return dest, explain(err)
}

func (j *job) below(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(j.Dir, path)
}

// load streams the image from the builder into this machine's engine.
func (j *job) load(ctx context.Context, b *build.Builder, attrs map[string]string) error {
	here, err := j.Here(ctx)
	if err != nil {
		return err
	}
	defer here.Close() //nolint:errcheck // the load's own result counts
	if _, err := here.Docker.Ping(ctx); err != nil {
		return &NoEngineError{err}
	}
	r, w := io.Pipe()
	loaded := make(chan error, 1)
	go func() {
		err := here.Docker.Load(ctx, r)
		r.CloseWithError(errors.Join(io.ErrClosedPipe, err)) //nolint:errcheck // never fails
		loaded <- err
	}()
	j.request.Output.Export = &build.Export{Type: "docker", Attrs: attrs, Open: func() (io.WriteCloser, error) { return w, nil }}
	_, err = b.Build(ctx, j.request)
	w.CloseWithError(err) //nolint:errcheck // never fails
	if lerr := <-loaded; lerr != nil && err == nil {
		return lerr
	}
	return explain(err)
}

// OutputError is an --output of a build that makes no sense.
type OutputError struct{ To string }

func (e *OutputError) Error() string {
	return fmt.Sprintf("--output %s: it is registry, docker, or docker, oci or tar with ,dest=FILE, or local,dest=DIR", e.To)
}

// ExitCode is 2: usage.
func (e *OutputError) ExitCode() int { return 2 }

// NoEngineError is a machine without the engine that the image is for.
type NoEngineError struct{ err error }

func (e *NoEngineError) Error() string { return "no Docker engine here: " + e.err.Error() }
func (e *NoEngineError) Unwrap() error { return e.err }

// Hints say what to try.
func (e *NoEngineError) Hints() []string {
	return []string{"--output docker,dest=FILE writes an archive for `docker load` elsewhere"}
}
