package sshexec

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Client is the connection to one host. Its methods may be called from several
// goroutines. It implements run.Runner.
type Client struct {
	d    *Dialer
	t    *target
	conn *ssh.Client
	pool *pool
	kill killer

	lost chan struct{} // closed when the connection has ended

	mu     sync.Mutex
	closed bool
	reason string // why it ended, when known better than by the library
	err    error  // *LostError, set before lost is closed
	second *Client

	secondTurn chan struct{} // admits one that opens the second connection

	docker dockerDialer
	wg     sync.WaitGroup
}

var _ run.Runner = (*Client)(nil)

func newClient(d *Dialer, t *target, conn *ssh.Client, spares int) *Client {
	c := &Client{d: d, t: t, conn: conn, lost: make(chan struct{}), secondTurn: make(chan struct{}, 1)}
	c.kill.c = c
	c.docker.init(c)
	c.pool = newPool(c, spares)
	c.wg.Go(c.watch)
	if d.opts.KeepAlive > 0 {
		c.wg.Go(c.keepAlive)
	}
	if d.opts.forwardAgent() && t.agent != "" {
		if err := agent.ForwardToRemote(conn, t.agent); err != nil {
			d.opts.Warn("the agent is not forwarded to " + t.alias + ": " + err.Error())
		}
	}
	c.pool.fill()
	return c
}

// Host is the name the connection was asked for.
func (c *Client) Host() string { return c.t.alias }

// lostNow is nil while the connection stands, then a *LostError.
func (c *Client) lostNow() error {
	select {
	case <-c.lost:
		return c.err
	default:
		return nil
	}
}

// lostSoon is lostNow for a caller that has just seen a channel end: the library
// ends channels a moment before it reports the connection.
func (c *Client) lostSoon() error {
	t := time.NewTimer(50 * time.Millisecond)
	defer t.Stop()
	select {
	case <-c.lost:
		return c.err
	case <-t.C:
		return nil
	}
}

// watch waits for the end of the connection and wakes whoever waits on it.
func (c *Client) watch() {
	err := c.conn.Wait()
	c.mu.Lock()
	why := c.reason
	switch {
	case why != "":
	case c.closed:
		why = "closed by this program"
	case err == nil || err.Error() == "EOF":
		why = "the host closed it"
	default:
		why = innermost(err)
	}
	c.err = &LostError{Host: c.t.alias, Reason: why}
	second := c.second
	c.mu.Unlock()
	close(c.lost)
	c.pool.close()
	if second != nil {
		second.fail(why) // who cut the first one meant the host
	}
}

func (c *Client) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// fail ends the connection for a reason of our own.
func (c *Client) fail(reason string) {
	c.mu.Lock()
	if c.reason == "" && !c.closed {
		c.reason = reason
	}
	c.mu.Unlock()
	// The error would only say that it is closed already.
	if err := c.conn.Close(); err != nil {
		return
	}
}

// Close ends the connection and waits for everything that ran on it here. Remote
// commands still running are not ended; cancel them first. Close twice is fine.
func (c *Client) Close() error {
	c.mu.Lock()
	again := c.closed
	c.closed = true
	second := c.second
	c.mu.Unlock()
	var errs []error
	if second != nil {
		errs = append(errs, second.Close())
	}
	if err := c.conn.Close(); err != nil && !again && !errors.Is(err, net.ErrClosed) && c.lostNow() == nil {
		errs = append(errs, err)
	}
	<-c.lost
	c.docker.close()
	c.wg.Wait()
	return errors.Join(errs...)
}

// sibling is a second connection to the same host, for what does not fit on the
// first (sessions beyond MaxSessions). It is opened once and ends with c.
func (c *Client) sibling(ctx context.Context) (*Client, error) {
	if err := c.lostNow(); err != nil {
		return nil, err // a lost connection is not revived by a side door
	}
	if err := take(ctx, c.secondTurn); err != nil {
		return nil, fmt.Errorf("a second connection to %s: %w", c.t.alias, err)
	}
	defer free(c.secondTurn)
	c.mu.Lock()
	s := c.second
	c.mu.Unlock()
	if s != nil && s.lostNow() == nil {
		return s, nil
	}
	s, err := c.d.connect(ctx, c.t, 0)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	over := c.closed || c.err != nil
	if !over {
		c.second = s
	}
	c.mu.Unlock()
	if over {
		return nil, errors.Join(c.lostErr(), s.Close())
	}
	return s, nil
}

// keepAlive asks the host for a sign of life and closes the connection when it
// missed several: a black hole gives no error for minutes.
func (c *Client) keepAlive() {
	tick := time.NewTicker(c.d.opts.KeepAlive)
	defer tick.Stop()
	answered := make(chan struct{}, 1)
	waiting, missed := false, 0
	for {
		select {
		case <-c.lost:
			return
		case <-answered:
			waiting, missed = false, 0
		case <-tick.C:
			if waiting {
				missed++
				if missed >= keepAliveMisses {
					c.fail("no answer to keepalives for " + (time.Duration(missed) * c.d.opts.KeepAlive).String())
					return
				}
				continue
			}
			waiting = true
			c.wg.Go(func() {
				// Any reply is a sign of life; an error ends with c.lost.
				if _, _, err := c.conn.SendRequest("keepalive@openssh.com", true, nil); err == nil {
					answered <- struct{}{}
				}
			})
		}
	}
}
