package sshexec

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// duplex is a byte stream whose reads can't be interrupted: an ssh channel, or a
// session's stdin and stdout.
type duplex interface {
	io.Reader
	io.Writer
	io.Closer
	CloseWrite() error
}

// conn makes a net.Conn of a duplex. Reads obey deadlines, as net/http's server
// needs; a write that passes its deadline closes the connection.
type conn struct {
	d             duplex
	local, remote net.Addr
	lost          <-chan struct{}

	filled  chan []byte
	readErr error // valid when filled is closed
	readMu  sync.Mutex
	rest    []byte

	reading, writing deadline
	closed           chan struct{}
	once             sync.Once
	closeErr         error
}

var _ net.Conn = (*conn)(nil)

// newConn starts reading ahead. lost ends that when the connection ends.
func newConn(d duplex, lost <-chan struct{}, local, remote net.Addr) *conn {
	c := &conn{
		d: d, local: local, remote: remote, lost: lost, filled: make(chan []byte, 1), closed: make(chan struct{}),
	}
	go c.pump()
	return c
}

const pumpSize = 32 << 10 // one ssh packet

func (c *conn) pump() {
	defer close(c.filled)
	for {
		buf := make([]byte, pumpSize)
		n, err := c.d.Read(buf)
		if n > 0 {
			select {
			case c.filled <- buf[:n]:
			case <-c.closed:
				err = net.ErrClosed
			case <-c.lost:
				err = io.ErrUnexpectedEOF
			}
		}
		if err != nil {
			c.readErr = err
			return
		}
	}
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	if c.reading.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	if len(c.rest) == 0 {
		select {
		case b, ok := <-c.filled:
			if !ok {
				return 0, c.readErr
			}
			c.rest = b
		case <-c.closed:
			return 0, net.ErrClosed
		case <-c.reading.wait():
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	if c.writing.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	done := make(chan struct{})
	defer close(done)
	if c.writing.armed() {
		go c.cutWrite(done)
	}
	n, err := c.d.Write(p)
	if err != nil && c.writing.passed() {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

func (c *conn) cutWrite(done <-chan struct{}) {
	select {
	case <-done:
	case <-c.writing.wait():
		// The error of the write tells.
		if err := c.Close(); err != nil {
			return
		}
	}
}

// CloseWrite sends end of file.
func (c *conn) CloseWrite() error { return c.d.CloseWrite() }

// Close implements net.Conn; twice is fine.
func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		if err := c.d.Close(); err != nil && err != io.EOF { //nolint:errorlint // EOF: the peer was first
			c.closeErr = err
		}
	})
	return c.closeErr
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	c.reading.set(t)
	c.writing.set(t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error { c.reading.set(t); return nil }

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error { c.writing.set(t); return nil }

// deadline is a point in time that can be moved while someone waits for it.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer   // nil = none runs
	turn  int           // counts set, so that a late timer is known as such
	ch    chan struct{} // closed when passed
}

func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.channel()
}

// channel gives the channel of the deadline in force. d.mu is held.
func (d *deadline) channel() chan struct{} {
	if d.ch == nil {
		d.ch = make(chan struct{})
	}
	return d.ch
}

func (d *deadline) passed() bool {
	select {
	case <-d.wait():
		return true
	default:
		return false
	}
}

func (d *deadline) armed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.timer != nil
}

// set moves the deadline; the zero time removes it. Who waits already is woken
// by the new one.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.turn++
	ch := d.channel()
	select {
	case <-ch:
		d.ch = nil
		ch = d.channel()
	default:
	}
	if t.IsZero() {
		return
	}
	if wait := time.Until(t); wait > 0 {
		turn := d.turn
		d.timer = time.AfterFunc(wait, func() { d.expire(turn) })
		return
	}
	close(ch)
}

// expire closes the channel unless the deadline was moved meanwhile.
func (d *deadline) expire(turn int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.turn == turn {
		close(d.channel())
		d.timer = nil
	}
}
