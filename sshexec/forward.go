package sshexec

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
)

// DialUnix connects to a unix socket on the host, in one round trip. sshd's "no"
// is a *RefusedError; a missing socket, missing rights and a policy read alike.
func (c *Client) DialUnix(ctx context.Context, path string) (net.Conn, error) {
	// OpenSSH PROTOCOL §2.4
	payload := ssh.Marshal(struct {
		Path     string
		Reserved string
		Zero     uint32
	}{Path: path})
	ch, err := c.openChannel(ctx, "direct-streamlocal@openssh.com", payload, "connection to the unix socket "+path)
	if err != nil {
		return nil, err
	}
	return c.wrap(ch, &net.UnixAddr{Name: path, Net: "unix"}), nil
}

// DialTCP connects from the host to host:port, in one round trip.
func (c *Client) DialTCP(ctx context.Context, addr string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("forward from %s: %w", c.t.alias, err)
	}
	port, err := parsePort(portText)
	if err != nil {
		return nil, fmt.Errorf("forward from %s: %w", c.t.alias, err)
	}
	// RFC 4254 §7.2
	payload := ssh.Marshal(struct {
		Host       string
		Port       uint32
		Originator string
		From       uint32
	}{host, uint32(port), "127.0.0.1", 0}) //nolint:gosec // parsePort bounds it
	ch, err := c.openChannel(ctx, "direct-tcpip", payload, "connection to "+addr)
	if err != nil {
		return nil, err
	}
	return c.wrap(ch, tcpAddr(host, port)), nil
}

func tcpAddr(host string, port int) net.Addr {
	ip := net.ParseIP(host)
	if ip == nil {
		ip = net.IPv4zero
	}
	return &net.TCPAddr{IP: ip, Port: port}
}

func (c *Client) wrap(ch ssh.Channel, remote net.Addr) *conn {
	return newConn(ch, c.lost, c.conn.LocalAddr(), remote)
}

type opened struct {
	ch   ssh.Channel
	reqs <-chan *ssh.Request
	err  error
}

// request asks for a channel. The library never answers one that is asked for in
// the moment in which the connection ends: then that end is the answer.
func (c *Client) request(kind string, payload []byte) opened {
	res := make(chan opened, 1)
	go func() {
		ch, reqs, err := c.conn.OpenChannel(kind, payload)
		res <- opened{ch, reqs, err}
	}()
	select {
	case o := <-res:
		return o
	case <-c.lost:
		return opened{err: c.lostErr()}
	}
}

// openChannel opens a channel; a cancelled ctx closes it as soon as it opens.
func (c *Client) openChannel(ctx context.Context, kind string, payload []byte, what string) (ssh.Channel, error) {
	if err := c.lostNow(); err != nil {
		return nil, err
	}
	res := make(chan opened, 1)
	go func() {
		o := c.request(kind, payload)
		if o.err == nil {
			go ssh.DiscardRequests(o.reqs)
		}
		res <- o
	}()
	select {
	case o := <-res:
		return o.ch, c.refused(o.err, what)
	case <-ctx.Done():
		go func() {
			if o := <-res; o.err == nil {
				closeQuietly(o.ch)
			}
		}()
		return nil, fmt.Errorf("%s on %s: %w", what, c.t.alias, context.Cause(ctx))
	}
}

// closeQuietly closes what nobody uses; an error says that it is closed already.
func closeQuietly(ch interface{ Close() error }) {
	if err := ch.Close(); err != nil {
		return
	}
}

// refused types sshd's refusal of a channel.
func (c *Client) refused(err error, what string) error {
	var oe *ssh.OpenChannelError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &oe):
		re := &RefusedError{Host: c.t.alias, What: what, Detail: oe.Message + " (" + oe.Reason.String() + ")"}
		if strings.Contains(what, "unix socket") {
			re.Hint = "there may be no such socket, or " + c.t.user + " may not open it, or sshd forbids it: AllowStreamLocalForwarding, AllowTcpForwarding"
		}
		return re
	}
	if lost := c.lostSoon(); lost != nil {
		return lost
	}
	return fmt.Errorf("%s on %s: %w", what, c.t.alias, err)
}

// ListenTCP makes the host listen on addr ("127.0.0.1:0" = a free port, see the
// listener's Addr) and hands its connections over here.
func (c *Client) ListenTCP(ctx context.Context, addr string) (net.Listener, error) {
	type result struct {
		l   net.Listener
		err error
	}
	if err := c.lostNow(); err != nil {
		return nil, err
	}
	res := make(chan result, 1)
	go func() {
		l, err := c.conn.Listen("tcp", addr)
		res <- result{l, err}
	}()
	select {
	case r := <-res:
		if r.err != nil {
			return nil, c.listenRefused(addr, r.err)
		}
		return &listener{r.l, c}, nil
	case <-ctx.Done():
		go func() {
			if r := <-res; r.err == nil {
				closeQuietly(r.l)
			}
		}()
		return nil, fmt.Errorf("listening on %s of %s: %w", addr, c.t.alias, context.Cause(ctx))
	}
}

func (c *Client) listenRefused(addr string, err error) error {
	if lost := c.lostSoon(); lost != nil {
		return lost
	}
	if !strings.Contains(err.Error(), "denied by peer") {
		return fmt.Errorf("listening on %s of %s: %w", addr, c.t.alias, err)
	}
	return &RefusedError{Host: c.t.alias, What: "listener on " + addr, Detail: "request denied",
		Hint: "the port may be taken, or sshd forbids it: AllowTcpForwarding must be yes or remote"}
}

// listener gives connections with deadlines.
type listener struct {
	net.Listener
	c *Client
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d, ok := nc.(duplex)
	if !ok {
		return nc, nil
	}
	return newConn(d, l.c.lost, nc.LocalAddr(), nc.RemoteAddr()), nil
}
