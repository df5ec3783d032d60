package deploy

import (
	"context"
	"encoding/base64"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// observeAndStage observes under the lock and, at the same time, puts the env
// files of this run beside the guard on every host (0600, through stdin), so
// that creating a container needs one exchange only. A role's own env file
// changes when its container is created.
func (e *Engine) observeAndStage(ctx context.Context, stage bool) (*Observed, error) {
	var observed *Observed
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		observed, err = e.observe(ctx, e.Selection.Hosts)
		return err
	})
	if stage {
		g.Go(func() error { return e.each(ctx, e.Selection.AppHosts, e.stage) })
	}
	err := g.Wait()
	return observed, err
}

// stage sends one line per role: its name and its env file in Base64.
func (e *Engine) stage(ctx context.Context, h Host) error {
	var in strings.Builder
	for _, role := range e.rolesOn(h.Name()) {
		content, err := e.envFile(ctx, role.Name, h.Name())
		if err != nil {
			return err
		}
		fmt.Fprintf(&in, "%s %s\n", role.Name, base64.StdEncoding.EncodeToString(content))
	}
	dir := run.Quote(e.app().GuardDir())
	_, err := h.Run(ctx, run.Cmd{
		Name: "send the env files", Stdin: strings.NewReader(in.String()),
		Line: fmt.Sprintf(`mkdir -p %[1]s && cd %[1]s && umask 077 && while read -r role text; do printf %%s "$text" | base64 -d > "run-%[2]s-$role.env" || exit 1; done`, dir, e.RunID),
	})
	return err
}

// staged is where a role's env file waits on a host.
func (e *Engine) staged(role string) string {
	return path.Join(e.app().GuardDir(), "run-"+e.RunID+"-"+role+".env")
}
