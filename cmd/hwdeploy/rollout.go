package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// job is one command that changes hosts: it has events, a transcript, and ends
// on Ctrl-C by undoing.
type job struct {
	app  *app
	g    *globals
	cmd  *cobra.Command
	gate func(context.Context, *world, *config.Config) (dir string, err error) // nil = none; dir is another project folder, "" = the app's
	make func(ctx context.Context, w *world, cfg *config.Config) (deploy.Request, error)
	run  func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error
}

// do runs the job to its end and reports it as the last event.
func (j job) do(parent context.Context) (err error) {
	ctx, hard, stop := j.app.interrupts(parent)
	defer stop()
	sink, shown := j.g.sink(j.app)
	defer shown()
	begin := j.app.now()
	file, err := j.app.transcript(j.cmd.Name())
	if err != nil {
		sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{
			Text: "no transcript is kept: " + err.Error(), Hint: "set XDG_STATE_HOME to a folder that can be written",
		}})
	}
	if file != nil {
		kept := j.app.redactor.Writer(file)
		sink = ui.Many{ui.NewPlain(kept, true), sink}
		defer func() {
			if err != nil {
				printError(kept, err, "")
			}
			err = errors.Join(err, kept.Flush(), file.Close())
		}()
	}
	err = j.engineRun(ctx, hard, sink)
	j.end(sink, err, begin)
	if err != nil && file != nil {
		err = &reported{err, file.Name()}
	}
	return err
}

func (j job) engineRun(ctx, hard context.Context, sink event.Sink) (err error) {
	w := j.g.in(j.app, j.cmd)
	w.Sink = sink
	defer w.settle()
	cfg, err := j.project(ctx, w)
	if err != nil {
		return err
	}
	if log := j.app.outputFile(cfg, w); log != nil {
		w.Sink = ui.Many{log, sink}
		defer func() { log.end(err, sink) }()
	}
	e, err := w.engine(ctx, cfg)
	if err != nil {
		return err
	}
	defer e.Close() //nolint:errcheck // the run's own result counts
	e.CompareEnv = j.g.verbose
	r, err := j.make(ctx, w, cfg)
	if err != nil {
		return err
	}
	if s := j.app.ship(ctx, e, r); s != nil {
		e.Sink = ui.Many{s, e.Sink}
		defer func() { s.end(err, j.app.redactor.String, sink) }()
	}
	w.Sink.Emit(event.Event{Type: event.RunStarted, Run: &event.Run{
		ID: e.RunID, Command: r.Command, Service: cfg.Service, Destination: cfg.Destination, AppVersion: r.Version,
	}})
	return j.run(ctx, hard, e, r)
}

// project loads the configuration and passes the gate, which may lead into
// another folder.
func (j job) project(ctx context.Context, w *world) (*config.Config, error) {
	cfg, err := w.load(ctx)
	if err != nil || j.gate == nil {
		return cfg, err
	}
	dir, err := j.gate(ctx, w, cfg)
	if err != nil || dir == "" {
		return cfg, err
	}
	w.Dir = dir
	return w.load(ctx)
}

// end says how the run ended; it is always the last event.
func (j job) end(sink event.Sink, err error, begin time.Time) {
	result := &event.Result{ExitCode: j.app.exitCode(err), Seconds: j.app.now().Sub(begin).Seconds()}
	if err != nil {
		result.Error, result.Serving, result.Hints = err.Error(), serving(err), hints(err)
	}
	sink.Emit(event.Event{Type: event.RunDone, Result: result})
}

// versions are what an image can be tagged with.
var versions = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// request fills what all rollouts share.
func (j job) request(ctx context.Context, w *world, cfg *config.Config, command string) (deploy.Request, error) {
	r := j.unversioned(command)
	var err error
	if r.Version, err = w.appVersion(ctx, cfg); err == nil && !versions.MatchString(r.Version) {
		err = usage("--version or VERSION is %q: the tag of an image has letters, digits, _ . and -, at most 128 of them", r.Version)
	}
	return r, err
}

// perhapsVersioned is a request of a command that only tells hooks, the lock and
// error pages of a version: without a checkout there is none.
func (j job) perhapsVersioned(ctx context.Context, w *world, cfg *config.Config, command string) deploy.Request {
	r, err := j.request(ctx, w, cfg, command)
	if err != nil {
		r.Version = ""
	}
	return r
}

func (j job) unversioned(command string) deploy.Request {
	return deploy.Request{
		Command: command, SkipHooks: j.g.skipHooks,
		LockWait: deploy.LockWait{
			Wait: j.g.wait, Timeout: time.Duration(j.g.waitTimeout) * time.Second, Interval: time.Duration(j.g.waitInterval) * time.Second,
		},
	}
}

// deployed runs a deploy and says so at the end.
func deployed(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
	return live((*deploy.Engine).Deploy)(ctx, hard, e, r)
}

// live is a way to deploy, with a word at the end.
func live(run func(e *deploy.Engine, ctx, hard context.Context, r deploy.Request) error) func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
	return func(ctx, hard context.Context, e *deploy.Engine, r deploy.Request) error {
		if err := run(e, ctx, hard, r); err != nil {
			return err
		}
		e.Sink.Emit(event.Event{Type: event.Notice, Message: &event.Message{Text: fmt.Sprintf("%s is live", r.Version)}})
		return nil
	}
}
