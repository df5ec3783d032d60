package sshexec

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// slot is an open session channel on which nothing has been asked for yet.
type slot struct {
	ch   ssh.Channel
	reqs <-chan *ssh.Request
}

// pool keeps session channels open in advance, so that a command costs one round
// trip and not two, and queues commands beyond sshd's MaxSessions. The limit is
// learned from refusals: sshd does not tell it.
type pool struct {
	c      *Client
	spares int

	mu      sync.Mutex
	ready   []slot
	opening int
	used    int
	waiters []chan grant
	limit   int // 0 = none known
	refused int // refusals in a row
	barren  int // of these, in a row, with no session of ours open
	probe   *time.Timer
	closed  bool
}

// grant is the answer to a waiter.
type grant struct {
	slot slot
	err  error
}

// refusalsWithout is how many refusals in a row are believed when no session of
// ours is open. sshd frees a session a moment after its channel.
const refusalsWithout = 6

func newPool(c *Client, spares int) *pool { return &pool{c: c, spares: spares} }

// fill opens spares in the background.
func (p *pool) fill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.topUp()
}

// topUp opens as many sessions as are wanted and allowed. p.mu is held.
func (p *pool) topUp() {
	for !p.closed {
		want := p.spares + len(p.waiters)
		held := len(p.ready) + p.opening
		if held >= want || p.limit > 0 && held+p.used >= p.limit {
			return
		}
		p.opening++
		p.c.wg.Go(p.open)
	}
}

// open asks for one session and hands it on.
func (p *pool) open() {
	o := p.c.request("session", nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opening--
	if o.err != nil {
		p.refusal(o.err)
		return
	}
	p.refused, p.barren = 0, 0
	if p.closed {
		discard(slot{o.ch, o.reqs})
		return
	}
	p.deliver(slot{o.ch, o.reqs})
	p.topUp()
}

// deliver gives a slot to the first waiter, or keeps it. p.mu is held.
func (p *pool) deliver(s slot) {
	if len(p.waiters) == 0 {
		p.ready = append(p.ready, s)
		return
	}
	w := p.waiters[0]
	p.waiters = p.waiters[1:]
	p.used++
	w <- grant{slot: s}
}

// refusal learns the limit and plans another try. p.mu is held.
func (p *pool) refusal(err error) {
	var oe *ssh.OpenChannelError
	if !errors.As(err, &oe) {
		return // the connection ended; close tells the waiters
	}
	p.refused++
	p.barren++
	held := p.used + len(p.ready) + p.opening
	if held > 0 {
		p.barren = 0
	}
	if p.barren >= refusalsWithout {
		for _, w := range p.waiters {
			w <- grant{err: &RefusedError{Host: p.c.t.alias, What: "session", Detail: oe.Message,
				Hint: "sshd opens no session for this user: is MaxSessions 0, or the login limited to forwarding?"}}
		}
		p.waiters = nil
		return
	}
	p.limit = max(held, 1)
	p.later()
}

// later tries again after a while, for refusals that came only because sshd had
// not yet freed a session that is over. p.mu is held.
func (p *pool) later() {
	if p.probe != nil || p.closed {
		return
	}
	wait := min(25*time.Millisecond<<min(p.refused, 5), 500*time.Millisecond)
	p.probe = time.AfterFunc(wait, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.probe = nil
		if len(p.waiters) == 0 {
			return
		}
		if p.used+len(p.ready)+p.opening >= p.limit {
			p.limit++
		}
		p.topUp()
	})
}

// acquire waits for a session.
func (p *pool) acquire(ctx context.Context) (slot, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return slot{}, p.c.lostErr()
	}
	if n := len(p.ready); n > 0 {
		s := p.ready[0]
		p.ready = p.ready[1:]
		p.used++
		p.topUp()
		p.mu.Unlock()
		return s, nil
	}
	w := make(chan grant, 1)
	p.waiters = append(p.waiters, w)
	p.topUp()
	if p.limit > 0 && p.opening == 0 {
		p.later()
	}
	p.mu.Unlock()
	select {
	case g := <-w:
		return g.slot, g.err
	case <-ctx.Done():
		p.withdraw(w)
		return slot{}, context.Cause(ctx)
	}
}

// withdraw takes a waiter back; what it was given meanwhile goes to the next.
func (p *pool) withdraw(w chan grant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiters {
		if other == w {
			p.waiters = append(p.waiters[:i], p.waiters[i+1:]...)
			return
		}
	}
	if g := <-w; g.err == nil {
		p.used--
		p.deliver(g.slot)
	}
}

// release says that a used session's channel is closed.
func (p *pool) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	p.topUp()
}

// unused gives back a session on which nothing was started.
func (p *pool) unused(s slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	if p.closed {
		discard(s)
		return
	}
	p.deliver(s)
}

// close ends all waiting; the connection is gone.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.probe != nil {
		p.probe.Stop()
	}
	for _, w := range p.waiters {
		w <- grant{err: p.c.lostErr()}
	}
	p.waiters = nil
	for _, s := range p.ready {
		discard(s)
	}
	p.ready = nil
}

// full tells whether a session could only be had by waiting for another's end.
func (p *pool) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.ready) == 0 && p.limit > 0 && p.used+p.opening >= p.limit
}

// discard closes a channel; its request queue closes with it.
func discard(s slot) {
	go ssh.DiscardRequests(s.reqs)
	// EOF when the connection has ended.
	if err := s.ch.Close(); err != nil {
		return
	}
}

// lostErr is the error of a closed pool.
func (c *Client) lostErr() error {
	if err := c.lostNow(); err != nil {
		return err
	}
	return &LostError{Host: c.t.alias, Reason: "closed by this program"}
}
