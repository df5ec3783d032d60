package deploy

import (
	"context"
	"slices"

	"github.com/warmlyyours/hwdeploy/internal/deploy/image"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// pullMissing pulls the version's image, under the lock, onto hosts that lack its
// tag: app boot pulls nothing before, and the prune of another run may have taken
// away what was pulled while this one waited for the lock. Kamal leaves it to
// docker run, which has a login on the host. Hosts with the tag are left alone.
func (e *Engine) pullMissing(ctx context.Context, seen *plan.State, r Request) error {
	if r.Restart {
		return nil
	}
	var lacking []string
	for _, a := range plan.Available(e.input(seen, r)) {
		if !a.Tagged && !slices.Contains(lacking, a.Host) {
			lacking = append(lacking, a.Host)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return e.pullOnly(ctx, lacking, r.Version)
}

// pullOnly pulls what a version's tag stands for onto these hosts. On others the
// tag may be of another build of that version, which they are to keep.
func (e *Engine) pullOnly(ctx context.Context, hosts []string, version string) error {
	made, err := e.resolved(ctx, version, image.Made{})
	if err == nil {
		err = e.fits(ctx, hosts, e.image(version), made.Platforms)
	}
	if err != nil {
		return untouched(err)
	}
	return e.pullOnto(ctx, hosts, version, made.Digest)
}
