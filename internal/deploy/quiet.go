package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/hooks"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// quiet tells the workers of a host to stop taking jobs: one detached exec in
// each, which also ends the quiet by itself after the limit. Its reversal
// resumes those that still run the process that was told.
func (w *worker) quiet(ctx context.Context, h Host, s plan.Step) (func(context.Context) error, error) {
	told := map[string]time.Time{}
	resume := func(ctx context.Context) error { return w.resume(ctx, h, told) }
	for _, c := range s.Quiet.Containers {
		d, err := h.Docker().Inspect(ctx, c.ID)
		if err != nil {
			return resume, err
		}
		if !w.tells(h.Name(), c.ID, d.State.StartedAt) {
			continue // this run told the same process before
		}
		if err := w.held.record(h.Name(), "quiet "+c.ID); err != nil {
			return resume, err
		}
		told[c.ID] = d.State.StartedAt
		argv := hooks.Quiet(s.Quiet.Signal, time.Duration(s.Quiet.MaxSeconds)*time.Second)
		if err := h.Docker().ExecDetached(ctx, c.ID, docker.ExecOptions{Argv: argv}); err != nil {
			return resume, fmt.Errorf("quiet %s: %w", c.Name, err)
		}
	}
	return resume, nil
}

// resumeFound resumes workers that an earlier run left quiet.
func (w *worker) resumeFound(ctx context.Context, h Host, s plan.Step) error {
	told := map[string]time.Time{}
	for _, c := range s.Quiet.Containers {
		d, err := h.Docker().Inspect(ctx, c.ID)
		if err != nil {
			return err
		}
		if w.tells(h.Name(), c.ID, d.State.StartedAt) {
			told[c.ID] = d.State.StartedAt
		}
	}
	return w.resume(ctx, h, told)
}

// resume brings quieted workers back: TERM to PID 1 by exec, never docker kill,
// which would poison the restart policy. The policy revives the process where
// there is one; elsewhere it is started. All are brought back at the same time: each
// may take its while to end, and one that fails keeps no other from it.
func (w *worker) resume(ctx context.Context, h Host, told map[string]time.Time) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for id, since := range told {
		if w.wasReplaced(h.Name(), id) {
			continue // a new one does its work, or the old one was started afresh
		}
		wg.Go(func() {
			err := w.resumeOne(ctx, h, id, since)
			if err == nil {
				err = w.held.record(h.Name(), "resumed "+id)
			} else {
				err = fmt.Errorf("resume worker %s on %s: %w", docker.ShortID(id), h.Name(), err)
			}
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// resumeOne brings one worker back. Where it never ends nobody waits for ever.
func (w *worker) resumeOne(ctx context.Context, h Host, id string, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	d, err := h.Docker().Inspect(ctx, id)
	if docker.IsNotFound(err) {
		return nil
	}
	if err != nil || !d.State.StartedAt.Equal(since) {
		return err // another process by now: it takes jobs
	}
	if d.State.Running {
		if _, err := h.Docker().Exec(ctx, id, docker.ExecOptions{Argv: hooks.Resume()}); err != nil && !docker.IsConflict(err) {
			return err
		}
	}
	revived := d.RestartPolicy == "always" || d.RestartPolicy == "unless-stopped"
	if !revived || !d.State.Running {
		if _, err := h.Docker().Wait(ctx, id); err != nil {
			return err
		}
		if err := h.Docker().Start(ctx, id); err != nil {
			return err
		}
	}
	return w.awaitNewProcess(ctx, h, id, since)
}

// awaitNewProcess polls until PID 1 is another process than the one that was
// told to be quiet; Sidekiq may take its 25 s to end.
func (w *worker) awaitNewProcess(ctx context.Context, h Host, id string, since time.Time) error {
	for {
		d, err := h.Docker().Inspect(ctx, id)
		if err != nil {
			return err
		}
		if d.State.Running && !d.State.Restarting && !d.State.StartedAt.Equal(since) {
			return nil
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return fmt.Errorf("it did not come back: %w", err)
		}
	}
}
