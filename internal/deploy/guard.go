package deploy

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

//go:embed guard.sh
var guardScript string

// Beat and silence of a guard: a sign of life each beat; after silence without
// one the guard takes the owner for dead.
const (
	guardBeat    = 10 * time.Second
	guardSilence = 45
)

// guard is this run's presence on one host: a lock whose holder's death is seen
// at once, a journal, and what frees the deploy lock and resumes workers when
// this process is gone.
type guard struct {
	host    string
	session Session
	answers chan string

	mu    sync.Mutex // one writer at a time
	ended chan struct{}
	over  bool
}

// guardArgs are the script's arguments.
type guardArgs struct {
	dir, run string
	lock     string // the lock's folder; empty = not on this host
	details  string // what goes into the lock
	audit    string // path of the audit log
}

func (a guardArgs) line() string {
	words := []string{"exec", "sh", "-c", run.Quote(guardScript), "hwdeploy-guard"}
	for _, w := range []string{a.dir, a.run, fmt.Sprint(guardSilence), a.lock, strings.TrimRight(a.details, "\n"), a.audit} {
		words = append(words, run.Quote(w))
	}
	return strings.Join(words, " ")
}

// startGuard starts a guard and gives its first answer's lines.
func startGuard(ctx context.Context, h Host, a guardArgs) (*guard, []string, error) {
	// Not ctx: a cancelled run still needs its guard, to undo and to unlock under.
	s, err := h.Start(context.WithoutCancel(ctx), a.line())
	if err != nil {
		return nil, nil, fmt.Errorf("start the guard on %s: %w", h.Name(), err)
	}
	g := &guard{host: h.Name(), session: s, answers: make(chan string, 16), ended: make(chan struct{})}
	go g.read()
	first, err := g.answer(ctx)
	if err != nil {
		g.leave()
		return nil, nil, fmt.Errorf("guard on %s: %w", h.Name(), err)
	}
	lines := []string{first}
	if first == "locked" {
		for l := range g.answers {
			lines = append(lines, l)
		}
	}
	if !strings.HasPrefix(first, "ok") {
		_ = s.Close()
		return nil, lines, nil
	}
	return g, lines, nil
}

func (g *guard) read() {
	in := bufio.NewScanner(g.session.Stdout())
	for in.Scan() {
		g.answers <- in.Text()
	}
	close(g.answers)
	close(g.ended)
}

func (g *guard) answer(ctx context.Context) (string, error) {
	select {
	case l, ok := <-g.answers:
		if !ok {
			return "", io.ErrUnexpectedEOF
		}
		return l, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// record appends to the journal. It awaits no answer and so costs no round trip;
// a broken channel shows itself through ended.
func (g *guard) record(text string) error {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	_, err := io.WriteString(g.session.Stdin(), strings.ReplaceAll(text, "\n", " ")+"\n")
	return err
}

// keep sends signs of life until ctx ends, and calls lost when the guard does.
func (g *guard) keep(ctx context.Context, lost func(error)) {
	tick := time.NewTicker(guardBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.ended:
			if !g.isOver() {
				lost(fmt.Errorf("the guard on %s ended: the connection is gone or it heard nothing for %d s", g.host, guardSilence))
			}
			return
		case <-tick.C:
			if err := g.record(""); err != nil && !g.isOver() {
				lost(fmt.Errorf("the guard on %s cannot be reached: %w", g.host, err))
				return
			}
		}
	}
}

func (g *guard) isOver() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.over
}

// unlock frees the deploy lock through the guard.
func (g *guard) unlock(ctx context.Context) error {
	if err := g.record("!unlock"); err != nil {
		return fmt.Errorf("free the lock on %s: %w", g.host, err)
	}
	answer, err := g.answer(ctx)
	if err != nil {
		return fmt.Errorf("free the lock on %s: %w", g.host, err)
	}
	if answer != "unlocked" {
		return fmt.Errorf("free the lock on %s: %s", g.host, strings.TrimPrefix(answer, "failed "))
	}
	return nil
}

// end lets the guard go in peace.
func (g *guard) end() error {
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
	if err := g.record("!end"); err != nil {
		return err
	}
	return g.session.Stdin().Close()
}

// leave lets a guard go whose answer nobody waits for. Killed, it would leave the
// deploy lock, which it may have taken meanwhile. The error at hand says more than
// any here.
func (g *guard) leave() {
	_ = g.record("!unlock")
	_ = g.end()
	t := time.NewTimer(guardBeat)
	defer t.Stop()
	select {
	case <-g.ended:
	case <-t.C:
	}
	_ = g.session.Close()
}

// abandon ends the input without a goodbye, which the guard takes for the
// owner's death.
func (g *guard) abandon() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
	return g.session.Stdin().Close()
}
