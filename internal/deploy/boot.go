package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// create renames a clash away, puts the staged env file in its place, creates
// the container by Kamal's own line and starts it: one exchange. The old
// container keeps serving all the while. Its reversal stops the new one, unless
// the proxy still serves it, and leaves it there under its name, as Kamal does.
func (w *worker) create(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	b := s.Boot
	if err := w.held.record(h.Name(), "boot "+b.Container); err != nil {
		return nil, err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "create and start " + b.Container, Line: w.createScript(b)})
	stop := func(ctx context.Context) error { return w.stopNew(ctx, h, s) }
	if ctx.Err() != nil {
		stop = func(ctx context.Context) error { return w.stopCut(ctx, h, s) }
	}
	id := lastWord(res.Stdout)
	if len(id) == 64 {
		w.remember(h.Name(), b.Container, id)
	}
	switch {
	case err != nil && ctx.Err() == nil && len(id) == 64:
		w.note(s, w.containerEvidence(ctx, h, id, s))
	case err == nil && len(id) != 64:
		err = fmt.Errorf("create %s on %s: docker create printed %q instead of an id", b.Container, h.Name(), strings.TrimSpace(res.Stdout))
	}
	return stop, err
}

// createScript is one shell line: what Kamal sends as five commands. Once this
// run has created the container it only starts it.
func (w *worker) createScript(b *plan.Boot) string {
	e := w.engine
	staged, booted := run.Quote(e.staged(b.Role)), run.Quote(e.booted(b.Role))
	var parts []string
	if b.Rename != nil {
		parts = append(parts,
			e.auditLine(b.Role, fmt.Sprintf("Renaming container %s to %s", b.Rename.From, b.Rename.To)),
			e.app().Role(b.Role).RenameLine(b.Rename.From, b.Rename.To))
	}
	parts = append(parts,
		e.auditLine(b.Role, "Booted app version "+b.Version),
		e.app().EnvDirLine(),
		"mv -f "+staged+" "+run.Quote(b.EnvPath),
		"id=$("+b.Line+")",
		fmt.Sprintf(`echo "$id %s %s" > %s`, b.LineHash, e.RunID, booted))
	return fmt.Sprintf(`read -r id hash run 2>/dev/null < %s; [ "$run" = %s ] && docker container inspect "$id" >/dev/null 2>&1 || { n=0; until [ -e %s ] || [ $n -ge 100 ]; do n=$((n+1)); sleep 0.1; done; %s; } && echo "$id" && docker start "$id" >/dev/null`,
		booted, e.RunID, staged, strings.Join(parts, " && "))
}

// booted is where it is noted which container was created for a role, how, and
// by which run.
func (e *Engine) booted(role string) string { return e.app().GuardDir() + "/booted-" + role }

// stopNew stops the container that this run created, if it did: a command that
// was cut off may have come that far without a word.
func (w *worker) stopNew(ctx context.Context, h Host, s plan.Step) error {
	switch {
	case !w.switched(h.Name(), s.Boot.Service):
	case s.Boot.Old == nil:
		return nil // a first boot that serves: nothing else would
	default:
		return fmt.Errorf("%s on %s is left running: kamal-proxy still serves it", s.Boot.Container, h.Name())
	}
	id := w.id(h.Name(), s.Boot)
	if id == "" {
		line := "cat " + run.Quote(w.engine.booted(s.Boot.Role)) + " 2>/dev/null; true"
		res, err := h.Run(ctx, run.Cmd{Name: "look what was created", Line: line})
		if err != nil {
			return err
		}
		if made := strings.Fields(res.Stdout); len(made) == 3 && made[2] == w.engine.RunID {
			id = made[0]
		}
	}
	if id == "" {
		return nil
	}
	w.remember(h.Name(), s.Boot.Container, id)
	return ignoreNotFound(h.Docker().Stop(ctx, id, s.Boot.StopTimeout))
}

// stopCut stops what a command created that was cut off. Its start may still be
// under way in the engine: then there is no container for it any more, or it runs
// by now and is stopped.
func (w *worker) stopCut(ctx context.Context, h Host, s plan.Step) error {
	if err := w.stopNew(ctx, h, s); err != nil {
		return err
	}
	if err := dropUnstarted(ctx, h, w.id(h.Name(), s.Boot)); err != nil {
		return err
	}
	return w.stopNew(ctx, h, s)
}

// dropUnstarted removes a container that was made and never ran.
func dropUnstarted(ctx context.Context, h Host, id string) error {
	if id == "" {
		return nil
	}
	d, err := h.Docker().Inspect(ctx, id)
	if err != nil || d.State.Status != "created" {
		return gone(err)
	}
	return gone(h.Docker().Remove(ctx, d.ID, docker.RemoveOptions{}))
}

func lastWord(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// envFile is the content of a role's env file on a host.
func (e *Engine) envFile(ctx context.Context, role, host string) ([]byte, error) {
	return resolve.EnvFile(e.Config, e.role(role), host, e.lookup(ctx))
}

// start starts a stopped container as it is. Its reversal stops it again.
func (w *worker) start(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	id := w.id(h.Name(), s.Boot)
	stop := func(ctx context.Context) error { return w.stopNew(ctx, h, s) }
	if err := h.Docker().Start(ctx, id); err != nil {
		w.note(s, w.containerEvidence(ctx, h, id, s))
		return stop, err
	}
	return stop, nil
}

// stopOld stops what served before. From now on a worker among it is not to be
// resumed, here or by the guard. A stop that was cut off goes on in the engine,
// which takes a start of what still runs for done: the reversal waits for its end
// before it starts it again.
func (w *worker) stopOld(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	old := s.Boot.Old
	stop := func(ctx context.Context) error {
		return ignoreNotFound(h.Docker().Stop(ctx, old.ID, s.Boot.StopTimeout))
	}
	if err := w.held.record(h.Name(), "stop "+old.ID); err != nil {
		return nil, err
	}
	w.noteReplaced(h.Name(), old.ID)
	err := stop(ctx)
	return func(ctx context.Context) error {
		if err != nil {
			if err := stop(ctx); err != nil {
				return err
			}
		}
		return h.Docker().Start(ctx, old.ID)
	}, err
}

func ignoreNotFound(err error) error {
	if docker.IsNotFound(err) {
		return nil
	}
	return err
}

func (w *worker) tag(ctx context.Context, h Host, s plan.Step) error {
	if err := w.held.audit(ctx, w.engine, h, "", "Tagging "+s.Tag.Image+" as the latest image"); err != nil {
		return err
	}
	return h.Docker().Tag(ctx, s.Tag.Image, s.Tag.Latest)
}

func (w *worker) reap(ctx context.Context, h Host, s plan.Step) error {
	for _, c := range s.Reap {
		if err := ignoreNotFound(h.Docker().Stop(ctx, c.ID, c.StopTimeout)); err != nil {
			return err
		}
	}
	return nil
}
