package relay

import (
	"sync"
	"time"
)

// link is one direction of the wire: bytes leave one after the other.
type link struct {
	mu   sync.Mutex
	rate int // bytes a second; 0 = any
	free time.Time
}

func (l *link) setRate(rate int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate = rate
}

// reserve books n bytes and gives the time at which the last of them has left.
func (l *link) reserve(n int, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate <= 0 {
		return now
	}
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(n) * time.Second / time.Duration(l.rate))
	return l.free
}

// Clock counts the steps of the longest chain of causes that the client has
// seen the end of. The zero Clock is ready; relays of one client share one.
type Clock struct {
	mu    sync.Mutex
	depth int
}

func (c *Clock) now() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.depth
}

func (c *Clock) reach(depth int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.depth = max(c.depth, depth)
}
