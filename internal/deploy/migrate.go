package deploy

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// migrate runs the one-off container of the new image. Its env file belongs to
// the run: the role's own changes only when the role boots, so that a failed
// migrate leaves the host's configuration as it was.
func (w *worker) migrate(ctx context.Context, h Host, s plan.Step) error {
	e := w.engine
	content, err := e.envFile(ctx, s.Role, h.Name())
	if err != nil {
		return err
	}
	if err := w.held.record(h.Name(), "migrate "+s.Migrate.Name); err != nil {
		return err
	}
	w.mu.Lock()
	w.migrated = true
	w.mu.Unlock()
	env := path.Join(e.app().GuardDir(), "run-"+e.RunID+".env")
	spec := resolve.Exec(e.Config, e.role(s.Role), h.Name(), w.request.Version, s.Migrate.Name, s.Migrate.Cmd)
	spec.EnvFile = env
	stream := func(name string) *run.Lines {
		return &run.Lines{Say: func(text string) {
			e.Sink.Emit(event.Event{Type: event.StepOutput, Step: s.ID, Host: h.Name(), Output: &event.Output{Stream: name, Text: text}})
		}}
	}
	out, errs := stream("stdout"), stream("stderr")
	_, err = h.Run(ctx, run.Cmd{
		Name: "migrate", Line: migrateScript(e, s, env, spec.Line()),
		Stdin: strings.NewReader(string(content)), Stdout: out, Stderr: errs,
	})
	out.End()
	errs.End()
	if ctx.Err() != nil {
		w.stopMigrate(ctx, h, s)
	}
	if done := w.held.record(h.Name(), "done "+s.Migrate.Name); err == nil {
		err = done
	}
	return err
}

// migrateScript notes in the journal that the migrate is through; one that is
// noted is not run again.
func migrateScript(e *Engine, s plan.Step, env, line string) string {
	q, journal := run.Quote(env), run.Quote(e.journal())
	note := fmt.Sprintf(" %s migrated %s %s", e.RunID, s.Migrate.Version, s.Migrate.Name)
	return fmt.Sprintf(`if grep -qsF "%s" %s; then exit 0; fi; `, note, journal) + strings.Join([]string{
		fmt.Sprintf("mkdir -p %s && ( umask 077 && cat > %s )", run.Quote(e.app().GuardDir()), q),
		e.auditLine(s.Role, fmt.Sprintf("Executed cmd '%s' on app version %s", s.Migrate.Cmd, s.Migrate.Version)),
		line,
		fmt.Sprintf(`echo "$(date -u +%%Y-%%m-%%dT%%H:%%M:%%SZ)%s" >> %s`, note, journal),
	}, " && ") + fmt.Sprintf("; status=$?; rm -f %s; exit $status", q)
}

// stopMigrate ends the one-off container of a cancelled run; the docker client
// that waited for it is gone already.
func (w *worker) stopMigrate(ctx context.Context, h Host, s plan.Step) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := ignoreNotFound(h.Docker().Stop(ctx, s.Migrate.Name, nil)); err != nil {
		w.engine.warn(h.Name(), fmt.Sprintf("the migrate container %s may still run: %v", s.Migrate.Name, err),
			"look at it with `hwdeploy server exec 'docker ps'`")
	}
}
