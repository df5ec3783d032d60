package deploy

import (
	"context"
	"encoding/base64"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// observeAndStage observes under the lock and, at the same time, puts the env
// files of this run beside the guard on every host, so that creating a container
// needs one exchange only. A role's own env file changes when its container is
// created.
func (e *Engine) observeAndStage(ctx context.Context, held *held, stage bool) (*plan.State, error) {
	var observed *plan.State
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		observed, err = e.observe(ctx, e.Selection.Hosts)
		return err
	})
	if stage {
		g.Go(func() error {
			return e.each(ctx, e.Selection.AppHosts, func(ctx context.Context, h Host) error { return e.stage(ctx, held, h) })
		})
	}
	err := g.Wait()
	return observed, err
}

// stage sends each role's env file in Base64, by a way that nobody else can read:
// the guard's input, which costs no round trip, or that of a command where a lock
// that was held before us means that there is no guard.
func (e *Engine) stage(ctx context.Context, held *held, h Host) error {
	for _, role := range e.Selection.RolesOn(h.Name()) {
		content, err := e.envFile(ctx, role.Name, h.Name())
		if err != nil {
			return err
		}
		text := base64.StdEncoding.EncodeToString(content)
		if held.guards[h.Name()] != nil {
			err = held.record(h.Name(), "stage "+role.Name+" "+text)
		} else {
			_, err = h.Run(ctx, run.Cmd{
				Name: "send the env file of " + role.Name, Stdin: strings.NewReader(text),
				Line: fmt.Sprintf(`mkdir -p %s && umask 077 && base64 -d > %s`, run.Quote(e.app().GuardDir()), run.Quote(e.staged(role.Name))),
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// staged is where a role's env file waits on a host.
func (e *Engine) staged(role string) string {
	return path.Join(e.app().GuardDir(), "run-"+e.RunID+"-"+role+".env")
}
