package sshexec

import (
	"context"
	"net"
	"sync"
	"time"
)

// spareAge is how long an idle connection to Docker is trusted. The engine closes
// one that sends no request within its ReadHeaderTimeout, which is 5 minutes:
// https://github.com/moby/moby/blob/master/cmd/dockerd/daemon.go
const spareAge = time.Minute

// sparePool keeps connections to Docker open in advance: a hijacked call (exec,
// build) always takes a new one, which would cost a round trip.
type sparePool struct {
	want int
	mu   sync.Mutex
	have []spareConn
	busy bool // being filled
	shut bool
}

type spareConn struct {
	conn net.Conn
	at   time.Time
}

// take gives a connection that is fresh and alive, or nil.
func (p *sparePool) take(now time.Time) net.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.have) > 0 {
		s := p.have[0]
		p.have = p.have[1:]
		if now.Sub(s.at) < spareAge && !ended(s.conn) {
			return s.conn
		}
		closeQuietly(s.conn)
	}
	return nil
}

// ended tells whether the other side has closed, or spoken unasked.
func ended(nc net.Conn) bool {
	c, ok := nc.(*conn)
	if !ok {
		return true
	}
	select {
	case <-c.filled:
		return true
	default:
		return false
	}
}

// fill opens what is missing, one after another. Failing is not an error: the
// next dial will meet it.
func (p *sparePool) fill(ctx context.Context, dial func(context.Context) (net.Conn, error)) {
	for p.short() {
		c, err := dial(ctx)
		p.mu.Lock()
		switch {
		case err != nil || p.shut:
			p.busy = false
			p.mu.Unlock()
			if err == nil {
				closeQuietly(c)
			}
			return
		default:
			p.have = append(p.have, spareConn{c, time.Now()})
			p.mu.Unlock()
		}
	}
}

// begin tells whether the caller shall fill; one at a time does.
func (p *sparePool) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy || p.shut || len(p.have) >= p.want {
		return false
	}
	p.busy = true
	return true
}

// short tells whether one is missing, and ends the filling when none is.
func (p *sparePool) short() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = !p.shut && len(p.have) < p.want
	return p.busy
}

func (p *sparePool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	for _, s := range p.have {
		closeQuietly(s.conn)
	}
	p.have = nil
}
