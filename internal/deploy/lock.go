package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// held is this run's hold on the hosts: a guard on each and, unless KAMAL_LOCK
// said that it is held already, Kamal's lock on the primary.
type held struct {
	guards  map[string]*guard
	primary string // host with the lock; empty = not ours to free

	mu   sync.Mutex
	said map[string]bool // audit lines of this run, by host
}

// record writes to the journal of a host; a host without guard has none.
func (h *held) record(host, text string) error { return h.guards[host].record(text) }

// audit appends to a host's audit log, through its guard where there is one:
// that awaits no answer and so costs no round trip.
// A line is written once in a run.
func (h *held) audit(ctx context.Context, e *Engine, host Host, role, message string) error {
	if h.repeats(host.Name() + " " + role + " " + message) {
		return nil
	}
	g := h.guards[host.Name()]
	if g == nil {
		return e.audit(ctx, host, role, message)
	}
	return g.record("audit " + e.auditText(role, message))
}

// note writes to the journals of all hosts. A guard that cannot be told is gone,
// which its keeper sees.
func (h *held) note(text string) {
	for _, g := range h.guards {
		_ = g.record(text)
	}
}

// resultWord is how a run ended, for the journal: ok, failed, cancelled or person.
func resultWord(err error) string {
	var f *Failure
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &f) && f.Person:
		return "person"
	case cancelled(err):
		return "cancelled"
	}
	return "failed"
}

func (h *held) repeats(line string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.said == nil {
		h.said = map[string]bool{}
	}
	before := h.said[line]
	h.said[line] = true
	return before
}

// underLock takes the hold, runs work, and lets go, also after a failure or a
// cancel. Losing a guard cancels work: from then on no write may happen.
func (e *Engine) underLock(ctx, hard context.Context, r Request, work func(context.Context, *held) error) error {
	h, err := e.take(ctx, r)
	if err != nil {
		return untouched(err)
	}
	h.note("run " + strings.Join([]string{r.Command, r.Version, e.Person.Performer}, " "))
	working, cancel := context.WithCancelCause(ctx)
	var keepers sync.WaitGroup
	defer cancel(nil)
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	for _, g := range h.guards {
		keepers.Go(func() { g.keep(keep, cancel) })
	}
	err = work(working, h)
	if hard.Err() != nil {
		return errors.Join(err, e.abandon(h, stop, &keepers))
	}
	h.note("result " + resultWord(err))
	free := e.release(hard, h)
	stop()
	keepers.Wait()
	if err != nil && free != nil {
		e.warn("", free.Error(), "`hwdeploy lock status` tells who holds it")
		return err
	}
	if free != nil {
		return &Failure{Err: free, Person: true, Try: []string{"all else is done: `hwdeploy lock status` tells who holds the lock"}}
	}
	return err
}

// abandon leaves the rest to the guards, as if this process had died: they resume
// workers and free the lock once nothing of this run is in flight.
func (e *Engine) abandon(h *held, stop func(), keepers *sync.WaitGroup) error {
	stop()
	var errs []error
	for _, g := range h.guards {
		errs = append(errs, g.abandon())
	}
	keepers.Wait()
	e.notice("", "stopped at once: the guards on the hosts resume workers and free the lock within a minute")
	return errors.Join(errs...)
}

// take starts the guards, waiting for a held lock when asked to.
func (e *Engine) take(ctx context.Context, r Request) (*held, error) {
	if e.LockHeld {
		return &held{}, nil
	}
	begin := e.Now()
	for said := false; ; said = true {
		h, err := e.tryTake(ctx, r)
		if err == nil {
			return h, nil
		}
		again, reason := waitsFor(err, r.LockWait)
		left := r.LockWait.Timeout - e.Now().Sub(begin)
		if !again {
			return nil, err
		}
		if left <= 0 {
			return nil, fmt.Errorf("timed out after %s waiting for the deploy lock: %w", r.LockWait.Timeout, err)
		}
		if !said {
			e.notice("", reason)
		}
		if err := pause(ctx, min(r.LockWait.Interval, left)); err != nil {
			return nil, err
		}
	}
}

// waitsFor tells whether waiting can help, and what is waited for: nothing, where
// one host of several fails for another reason.
func waitsFor(err error, w LockWait) (again bool, reason string) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			if again, reason = waitsFor(one, w); !again {
				return false, ""
			}
		}
		return again, reason
	}
	var locked *LockedError
	var busy *BusyError
	switch {
	case !w.Wait:
		return false, ""
	case errors.As(err, &locked):
		return !locked.Manual, "waiting, the deploy lock is held: " + strings.ReplaceAll(locked.Lock.Text, "\n", "; ")
	case errors.As(err, &busy):
		return true, "waiting: " + busy.Error()
	}
	return false, ""
}

// tryTake starts a guard on every selected host; the primary's takes the lock.
func (e *Engine) tryTake(ctx context.Context, r Request) (*held, error) {
	app := e.app()
	h := &held{guards: map[string]*guard{}, primary: e.Selection.PrimaryHost}
	details := kamal.EncodeLock(e.lockText(r))
	var mu sync.Mutex
	err := e.each(ctx, e.lockHosts(), func(ctx context.Context, host Host) error {
		args := guardArgs{dir: app.GuardDir(), run: e.RunID, audit: app.AuditLog()}
		if host.Name() == h.primary {
			args.lock, args.details = app.LockDir(), details
		}
		g, answer, err := startGuard(ctx, host, args)
		if err != nil {
			return err
		}
		if g == nil {
			return refusal(host.Name(), app.LockDir(), answer)
		}
		e.sayFound(host.Name(), answer[0])
		mu.Lock()
		defer mu.Unlock()
		h.guards[host.Name()] = g
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, e.release(ctx, h))
	}
	return h, nil
}

// sayFound tells what an earlier run left on a host; answer is the guard's.
func (e *Engine) sayFound(host, answer string) {
	_, rest, _ := strings.Cut(answer, " ")
	found, last, _ := strings.Cut(rest, " ")
	if last = strings.TrimSpace(last); last != "" {
		last = " (" + last + ")"
	}
	switch found {
	case "lock":
		e.notice(host, "took over the deploy lock of a run that died"+last)
	case "interrupted":
		e.notice(host, "the last run"+last+" was interrupted here; its guard has resumed workers and freed the lock, this plan does the rest")
	case "cut":
		e.notice(host, "the last run"+last+" ended here without a word, and its guard with it; `hwdeploy status` shows what there is")
	case "restarted":
		e.notice(host, "the host has restarted since the last run"+last+", which ended with it; its workers are new processes and take jobs")
	}
}

// lockHosts are the selected hosts, with the primary among them.
func (e *Engine) lockHosts() []string {
	for _, n := range e.Selection.Hosts {
		if n == e.Selection.PrimaryHost {
			return e.Selection.Hosts
		}
	}
	return append([]string{e.Selection.PrimaryHost}, e.Selection.Hosts...)
}

func refusal(host, dir string, answer []string) error {
	word, rest, _ := strings.Cut(answer[0], " ")
	switch word {
	case "locked":
		l := kamal.DecodeLock(strings.Join(answer[1:], ""))
		return &LockedError{Host: host, Dir: dir, Lock: l, Manual: !l.Automatic()}
	case "busy":
		run, what, _ := strings.Cut(rest, " ")
		return &BusyError{Host: host, Run: run, What: strings.TrimSpace(what)}
	}
	return fmt.Errorf("guard on %s: %s", host, rest)
}

func (e *Engine) lockText(r Request) kamal.LockInfo {
	return kamal.LockInfo{By: e.Person.LockName, At: e.Now(), Version: r.Version, Message: r.Message}
}

// release frees the lock and ends the guards, under a deadline of its own.
func (e *Engine) release(hard context.Context, h *held) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(hard), grace)
	defer cancel()
	var errs []error
	if g := h.guards[h.primary]; g != nil {
		errs = append(errs, g.unlock(ctx))
	}
	for _, g := range h.guards {
		errs = append(errs, g.end())
	}
	return errors.Join(errs...)
}

func (e *Engine) notice(host, text string) {
	e.Sink.Emit(event.Event{Type: event.Notice, Host: host, Message: &event.Message{Text: text}})
}

func (e *Engine) warn(host, text, hint string) {
	e.Sink.Emit(event.Event{Type: event.Warning, Host: host, Message: &event.Message{Text: text, Hint: hint}})
}

// pause waits, or ends early with ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
