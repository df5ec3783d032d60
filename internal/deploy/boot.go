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

// create renames a clash away, puts the staged env file in its place and creates
// the container by Kamal's own line: one exchange. The old container keeps
// serving all the while.
func (w *worker) create(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	b := s.Boot
	if err := w.held.record(h.Name(), "boot "+b.Container); err != nil {
		return nil, err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "create " + b.Container, Line: w.createScript(b)})
	if err != nil {
		return nil, err
	}
	id := lastWord(res.Stdout)
	if len(id) != 64 {
		return nil, fmt.Errorf("create %s on %s: docker create printed %q instead of an id", b.Container, h.Name(), strings.TrimSpace(res.Stdout))
	}
	w.remember(h.Name(), b.Container, id)
	return nil, nil
}

// createScript is one shell line: what Kamal sends as five commands. What this
// run created already is not created again.
func (w *worker) createScript(b *plan.Boot) string {
	var parts []string
	if b.Rename != nil {
		parts = append(parts,
			w.engine.auditLine(b.Role, fmt.Sprintf("Renaming container %s to %s", b.Rename.From, b.Rename.To)),
			w.engine.app().Role(b.Role).RenameLine(b.Rename.From, b.Rename.To))
	}
	parts = append(parts,
		w.engine.auditLine(b.Role, "Booted app version "+b.Version),
		w.engine.app().EnvDirLine(),
		"mv -f "+run.Quote(w.engine.staged(b.Role))+" "+run.Quote(b.EnvPath),
		"id=$("+b.Line+")",
		fmt.Sprintf(`echo "$id %s %s" > %s && echo "$id"`, b.LineHash, w.engine.RunID, run.Quote(w.engine.booted(b.Role))))
	return fmt.Sprintf(`set -- $(cat %s 2>/dev/null); if [ "$3" = %s ] && docker container inspect "$1" >/dev/null 2>&1; then echo "$1"; else %s; fi`,
		run.Quote(w.engine.booted(b.Role)), w.engine.RunID, strings.Join(parts, " && "))
}

// booted is where it is noted which container was created for a role, how, and by
// which run.
func (e *Engine) booted(role string) string { return e.app().GuardDir() + "/booted-" + role }

func lastWord(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// envFile is the content of a role's env file on a host.
func (e *Engine) envFile(ctx context.Context, role, host string) ([]byte, error) {
	return resolve.EnvFile(e.Config, e.role(role), host, func(name string) (string, error) {
		v, err := e.Secrets.Lookup(ctx, name)
		return v.Reveal(), err
	})
}

// start starts the created container. Its reversal stops it, unless the proxy
// still serves it, and leaves it there under its name, as Kamal does.
func (w *worker) start(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	id := w.id(h.Name(), s.Boot)
	stop := func(ctx context.Context) error {
		switch {
		case !w.switched(h.Name(), s.Boot.Service):
		case s.Boot.Old == nil:
			return nil // a first boot that serves: nothing else would
		default:
			return fmt.Errorf("%s on %s is left running: kamal-proxy still serves it", s.Boot.Container, h.Name())
		}
		return ignoreNotFound(h.Docker().Stop(ctx, id, s.Boot.StopTimeout))
	}
	if err := h.Docker().Start(ctx, id); err != nil {
		w.note(s, w.containerEvidence(ctx, h, id, s))
		return stop, err
	}
	return stop, nil
}

// stopOld stops what served before. Its reversal starts it again.
func (w *worker) stopOld(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	old := s.Boot.Old
	again := func(ctx context.Context) error { return h.Docker().Start(ctx, old.ID) }
	return again, ignoreNotFound(h.Docker().Stop(ctx, old.ID, s.Boot.StopTimeout))
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
		if err := ignoreNotFound(h.Docker().Stop(ctx, c.ID, nil)); err != nil {
			return err
		}
	}
	return nil
}
