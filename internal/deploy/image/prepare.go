package image

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/build"
)

// place is where a build happens.
type place struct {
	machine Machine
	builder *build.Builder
	ends    []func()
}

// close gives everything back, the last thing first.
func (p *place) close() {
	for i := range p.ends {
		p.ends[len(p.ends)-1-i]()
	}
}

// prepare asks the registry whether it takes a push, makes the source and calls
// the builder's machine, side by side, since each waits for somebody else. On that
// machine nothing is changed before the registry has agreed.
func (j *job) prepare(ctx context.Context) (*place, error) {
	p := &place{}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return j.access.Client.CheckPush(gctx, j.Config.Repository()) })
	g.Go(func() (err error) {
		j.request.Dir, err = j.source(gctx)
		return err
	})
	g.Go(func() (err error) { return p.dial(gctx, j.Maker) })
	err := g.Wait()
	if err == nil {
		err = p.open(ctx, j)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *place) dial(ctx context.Context, m *Maker) error {
	machine, err := m.Dial(ctx)
	if err != nil {
		return &BuilderError{err}
	}
	p.machine = machine
	p.ends = append(p.ends, func() { machine.Close() }) //nolint:errcheck // the build's own result counts
	return nil
}

func (p *place) open(ctx context.Context, j *job) error {
	stop, err := j.forward(ctx, p.machine)
	if err != nil {
		return &BuilderError{err}
	}
	p.ends = append(p.ends, stop)
	if p.builder, err = j.builder(ctx, p.machine, j.say); err != nil {
		return &BuilderError{err}
	}
	p.ends = append(p.ends, func() { p.builder.Close() }) //nolint:errcheck // likewise
	return nil
}
