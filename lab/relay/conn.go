package relay

import (
	"context"
	"net"
	"sync"
	"time"
)

// conn is one connection through a relay.
type conn struct {
	relay  *Relay
	client *net.TCPConn
	began  time.Time
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	server *net.TCPConn
	depth  int  // of what the server was told
	asked  bool // the client spoke since the server was last heard
	lost   bool // bytes were swallowed
}

// chunk is a piece of the stream on its way; no data = the end of the stream.
type chunk struct {
	data  []byte
	due   time.Time
	depth int
}

// flow is one of the two directions of a connection.
type flow struct {
	c        *conn
	from, to *net.TCPConn
	link     *link
	up       bool
	queue    chan chunk
}

// forward pumps both directions until both have ended or the connection is cut.
func (c *conn) forward() {
	const onTheWay = 4096 // chunks
	flows := []flow{
		{c, c.client, c.server, &c.relay.up, true, make(chan chunk, onTheWay)},
		{c, c.server, c.client, &c.relay.down, false, make(chan chunk, onTheWay)},
	}
	var wait sync.WaitGroup
	for _, f := range flows {
		wait.Go(f.read)
		wait.Go(f.write)
	}
	wait.Wait()
}

// read takes bytes in at the speed of the link and stamps them with the time
// at which they are due on the other side.
func (f flow) read() {
	defer close(f.queue)
	buf := make([]byte, 32<<10)
	for {
		n, err := f.from.Read(buf)
		if n > 0 {
			depth := f.c.sent(f.up)
			sent := f.link.reserve(n, time.Now())
			if !f.c.pause(sent) || !f.push(append([]byte(nil), buf[:n]...), sent, depth) {
				return
			}
		}
		if err != nil {
			f.push(nil, time.Now(), 0)
			return
		}
	}
}

func (f flow) push(data []byte, sent time.Time, depth int) bool {
	due := sent.Add(f.c.relay.delay())
	if !f.up { // the server knows of the connection only after three ways
		if first := f.c.began.Add(4 * f.c.relay.delay()); due.Before(first) {
			due = first
		}
	}
	select {
	case f.queue <- chunk{data, due, depth}:
		return true
	case <-f.c.ctx.Done():
		return false
	}
}

// write delivers what is due.
func (f flow) write() {
	for k := range f.queue {
		if !f.c.pause(k.due) || !f.c.stalled() {
			return
		}
		if f.c.swallows() {
			continue
		}
		if k.data == nil {
			if f.to.CloseWrite() != nil {
				f.c.close()
			}
			continue
		}
		f.c.delivered(f.up, k)
		if _, err := f.to.Write(k.data); err != nil {
			f.c.close()
			return
		}
	}
}

// sent notes that bytes left one end and gives their place in the chain of
// causes: the client's follow from all it was told, on any connection.
func (c *conn) sent(up bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if up {
		c.asked = true
		return max(c.relay.clock.now(), c.depth)
	}
	turned := c.asked
	c.asked = false
	if turned {
		c.relay.set(func() { c.relay.stats.Turns++ })
	}
	return c.depth + 1
}

// delivered notes that bytes arrive at the other end.
func (c *conn) delivered(up bool, k chunk) {
	if up {
		c.mu.Lock()
		c.depth = max(c.depth, k.depth)
		c.mu.Unlock()
		c.relay.set(func() { c.relay.stats.Up += int64(len(k.data)) })
		return
	}
	c.relay.clock.reach(k.depth)
	c.relay.set(func() { c.relay.stats.Down += int64(len(k.data)) })
}

// swallows tells whether bytes of this connection are lost now.
func (c *conn) swallows() bool {
	c.relay.mu.Lock()
	silent := c.relay.silent
	c.relay.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = c.lost || silent
	return c.lost
}

// stalled waits until no stall is on; false when the connection ended meanwhile.
func (c *conn) stalled() bool {
	c.relay.mu.Lock()
	resume := c.relay.resume
	c.relay.mu.Unlock()
	if resume == nil {
		return true
	}
	select {
	case <-resume:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// pause waits until t; false when the connection ended meanwhile.
func (c *conn) pause(t time.Time) bool {
	d := time.Until(t)
	if d <= 0 {
		return c.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.ctx.Done():
		return false
	}
}

func (c *conn) setServer(s *net.TCPConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server = s
}

// close ends the connection on both sides; it may be called often. The errors
// of closing sockets that are of no more use are of no use either.
func (c *conn) close() {
	c.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client.Close()
	if c.server != nil {
		c.server.Close()
	}
}
