// Package relay forwards TCP connections from a loopback address to a target and
// makes the way between them worse on demand: latency, bandwidth, a cut, silence.
// It also counts bytes and round trips, so that a test can hold a program to a
// budget of them.
//
// Laws: bytes arrive whole and in order or not at all; latency delays, it does
// not limit what is on the way; counting never slows anything down.
//
// # What is counted
//
// Turns is how often, on one connection, the server was heard after the client
// had spoken; summed over connections. Ten questions asked at once over one
// connection and answered at once are one turn, over ten connections ten.
//
// RoundTrips is the longest chain of cause and effect, over all connections that
// share a Clock: what the client sends is taken as caused by all that was
// delivered to it before, and what the server sends by what was delivered to it
// on that connection. Things done side by side count once; the handshake of TCP,
// which a loopback listener hides, counts one. With a latency well above the
// time that the two ends take to think it is the number of times that the client
// had to wait; without latency it is an upper bound. Never more than elapsed
// time ÷ (2 × latency), plus one.
package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Stats are counts since the relay began or was Reset.
type Stats struct {
	Connections int   // accepted
	Open        int   // open now
	Up, Down    int64 // bytes delivered to the server, to the client
	Turns       int
	RoundTrips  int
}

// Relay is one listener and its connections.
type Relay struct {
	target   string
	listener net.Listener
	clock    *Clock
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	wait     sync.WaitGroup

	mu        sync.Mutex
	latency   time.Duration
	refuse    bool
	silent    bool
	resume    chan struct{} // not nil while stalled; closed when that ends
	conns     map[*conn]bool
	stats     Stats
	base      int // the clock at the last Reset
	up, down  link
	dialLimit time.Duration
}

// Listen begins to forward from addr ("127.0.0.1:0") to target ("172.28.0.11:22").
// Relays that share a clock count round trips together; nil = a clock of its own.
// The relay lives until Close, or until ctx ends.
func Listen(ctx context.Context, addr, target string, clock *Clock) (*Relay, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("relay: %s is not a loopback address", addr)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	if clock == nil {
		clock = &Clock{}
	}
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(ctx, func() { l.Close() })
	r := &Relay{target: target, listener: l, clock: clock, ctx: ctx, cancel: cancel, conns: map[*conn]bool{}, dialLimit: 10 * time.Second, base: clock.now()}
	r.wait.Add(1)
	go r.accept()
	return r, nil
}

// Addr is where the relay listens.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// Close ends the relay with all connections and waits until nothing is left.
func (r *Relay) Close() {
	r.cancel() // which closes the listener
	r.Cut()
	r.wait.Wait()
}

// SetLatency sets the time that bytes are on the way, in each direction.
func (r *Relay) SetLatency(oneWay time.Duration) { r.set(func() { r.latency = oneWay }) }

// SetBandwidth limits each direction to that many bytes a second, all
// connections together; 0 = no limit.
func (r *Relay) SetBandwidth(bytesPerSecond int) {
	r.up.setRate(bytesPerSecond)
	r.down.setRate(bytesPerSecond)
}

// Cut closes all connections at once, as a rebooting router does.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		c.close()
	}
}

// Refuse makes new connections end at once; the open ones go on.
func (r *Relay) Refuse(on bool) { r.set(func() { r.refuse = on }) }

// BlackHole swallows all that is sent, on connections old and new, without a
// word to either side. A connection that lost bytes stays silent for good.
func (r *Relay) BlackHole(on bool) { r.set(func() { r.silent = on }) }

// Stall holds all bytes back until Stall(false), then delivers them: an outage
// that TCP outlives.
func (r *Relay) Stall(on bool) {
	r.set(func() {
		switch {
		case on && r.resume == nil:
			r.resume = make(chan struct{})
		case !on && r.resume != nil:
			close(r.resume)
			r.resume = nil
		}
	})
}

// Stats gives the counts.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Open, s.RoundTrips = len(r.conns), r.clock.now()-r.base
	return s
}

// Reset sets the counts to zero.
func (r *Relay) Reset() {
	r.set(func() { r.stats, r.base = Stats{}, r.clock.now() })
}

func (r *Relay) set(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

func (r *Relay) accept() {
	defer r.wait.Done()
	for {
		client, err := r.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // one connection that failed before it began
		}
		r.wait.Add(1)
		go func() {
			defer r.wait.Done()
			r.serve(client.(*net.TCPConn))
		}()
	}
}

// serve is the life of one connection.
func (r *Relay) serve(client *net.TCPConn) {
	c := &conn{relay: r, client: client, began: time.Now(), depth: r.clock.now() + 1}
	c.ctx, c.cancel = context.WithCancel(r.ctx)
	defer c.close()
	refused := false
	r.set(func() {
		refused = r.refuse
		r.stats.Connections++
		r.conns[c] = true
	})
	defer r.set(func() { delete(r.conns, c) })
	if refused || !c.pause(c.began.Add(2*r.delay())) { // what TCP's handshake would take
		return
	}
	dialer := net.Dialer{Timeout: r.dialLimit}
	server, err := dialer.DialContext(c.ctx, "tcp", r.target)
	if err != nil {
		return
	}
	c.setServer(server.(*net.TCPConn))
	c.forward()
}

func (r *Relay) delay() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latency
}
