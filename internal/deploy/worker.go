package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// worker carries out the steps of one rollout.
type worker struct {
	engine  *Engine
	request Request
	held    *held

	mu       sync.Mutex
	created  map[string]string    // container name on host → id
	evidence map[string]string    // step id → what was found when it failed
	told     map[string]time.Time // host and worker → start of the process that was told to be quiet
	hooked   map[string]bool      // hook steps that are through
	serves   map[string]bool      // service on host → the proxy took the new container
	replaced map[string]bool      // host and container → this run stopped it for a new one
	migrated bool
	tidying  bool // the new version serves everywhere; what is left is tidying up
}

func newWorker(e *Engine, r Request, h *held) *worker {
	return &worker{
		engine: e, request: r, held: h, created: map[string]string{}, evidence: map[string]string{}, serves: map[string]bool{},
		told: map[string]time.Time{}, hooked: map[string]bool{}, replaced: map[string]bool{},
	}
}

// do executes one step. Each kind has one function, in a file of its own.
func (w *worker) do(ctx context.Context, s plan.Step) (func(context.Context) error, error) {
	if s.Kind == plan.Hook {
		return nil, w.hook(ctx, s)
	}
	if s.Kind == plan.Wait {
		return nil, pause(ctx, time.Duration(s.Seconds)*time.Second)
	}
	h, err := w.engine.host(s.Host)
	if err != nil {
		return nil, err
	}
	w.noteKind(s.Kind)
	role := s.Role
	if s.Kind == plan.Start {
		role = "" // as Kamal writes it
	}
	for _, text := range s.Audit {
		if err := w.held.audit(ctx, w.engine, h, role, text); err != nil {
			return nil, err
		}
	}
	switch s.Kind {
	case plan.Pull:
		return nil, w.engine.ensureProxyImage(ctx, h)
	case plan.Migrate:
		return nil, w.migrate(ctx, h, s)
	case plan.Quiet:
		return w.quiet(ctx, h, s)
	case plan.Proxy:
		return nil, w.proxy(ctx, h, s)
	case plan.Prepare:
		return nil, w.prepare(ctx, h, s)
	case plan.Create:
		return w.create(ctx, h, s)
	case plan.Start:
		return w.start(ctx, h, s)
	case plan.Switch:
		return w.switchTo(ctx, h, s)
	case plan.Ready:
		return nil, w.ready(ctx, h, s)
	case plan.StopOld:
		return w.stopOld(ctx, h, s)
	case plan.Tag:
		return nil, w.tag(ctx, h, s)
	case plan.Reap:
		return nil, w.reap(ctx, h, s)
	case plan.Tidy:
		return nil, w.tidy(ctx, h, s)
	case plan.PruneContainers, plan.PruneImages:
		return nil, w.prune(ctx, h, s)
	case plan.Resume:
		return nil, w.resumeFound(ctx, h, s)
	case plan.Accessory:
		return nil, w.accessory(ctx, h, s)
	case plan.Halt:
		return nil, w.halt(ctx, h, s)
	case plan.Command:
		return nil, w.command(ctx, h, s)
	case plan.Routes:
		return nil, w.routes(ctx, h, s)
	}
	return nil, fmt.Errorf("no way to execute a step of kind %q", s.Kind)
}

// hook runs a hook of the user's, once.
func (w *worker) hook(ctx context.Context, s plan.Step) error {
	w.mu.Lock()
	through := w.hooked[s.ID]
	w.mu.Unlock()
	if through {
		return nil
	}
	err := w.engine.runHook(ctx, w.request, s.ID, s.Hook.Name, s.Hook.Hosts, nil)
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.hooked[s.ID] = true
	}
	return err
}

// tells notes that a worker's process is told to be quiet; false when it was
// told before.
func (w *worker) tells(host, id string, since time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before, ok := w.told[host+" "+id]; ok && before.Equal(since) {
		return false
	}
	w.told[host+" "+id] = since
	return true
}

func (w *worker) remember(host, name, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.created[host+" "+name] = id
}

// noteKind notes that the new version does the work on the last host too: the
// first step of the tail waits for that.
func (w *worker) noteKind(k plan.Kind) {
	switch k {
	case plan.Tag, plan.Reap, plan.Tidy, plan.PruneContainers, plan.PruneImages:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.tidying = true
	}
}

// switched tells whether the proxy took this run's container for a service.
func (w *worker) switched(host, service string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return service != "" && w.serves[host+" "+service]
}

func (w *worker) noteSwitch(host, service string, serves bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serves[host+" "+service] = serves
}

func (w *worker) noteReplaced(host, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replaced[host+" "+id] = true
}

func (w *worker) wasReplaced(host, id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.replaced[host+" "+id]
}

// id of the container that a boot is about: the one that this run created, or
// one that is started as it is.
func (w *worker) id(host string, b *plan.Boot) string {
	if b.Existing != "" {
		return b.Existing
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.created[host+" "+b.Container]
}

// mayReturn tells whether a failed run puts the old version back.
func (w *worker) mayReturn() bool { return w.whyNoReturn() == "" }

func (w *worker) whyNoReturn() string {
	if w.request.NoReturn {
		return "--no-return"
	}
	m := w.engine.Config.Extension.Migrate
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.migrated && m != nil && !m.BackwardCompatible {
		return "a migrate ran that is not backward compatible"
	}
	if w.tidying {
		return "the new version serves on every host, only tidying up was left"
	}
	return ""
}

// hints say what to try after a failed run.
func (w *worker) hints(err error) []string {
	var step *StepError
	if cancelled(err) || !errors.As(err, &step) {
		return nil
	}
	switch step.Step.Kind {
	case plan.Migrate:
		return []string{"the app is untouched: mend the migration and deploy again", "`hwdeploy deploy` boots without migrating"}
	case plan.Switch, plan.Ready:
		return []string{"`hwdeploy app logs --hosts " + step.Step.Host + " --container-id " + step.Step.Boot.Container + "` shows the rest of the new container's log"}
	}
	return nil
}

// note keeps what was found when a step failed.
func (w *worker) note(step plan.Step, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.evidence[step.ID] = text
}

// evidenceOf gives what was found when the first failure happened.
func (w *worker) evidenceOf(err error) string {
	var step *StepError
	if !errors.As(err, &step) {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.evidence[step.Step.ID]
}
