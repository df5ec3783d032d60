package sshexec

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/crypto/ssh"
)

const (
	maxHops        = 8 // a chain of jump hosts that is longer is a loop
	handshakeTries = 6 // MaxStartups drops connections at random; it passes
	// loginTime bounds authentication, in which a person may have to touch a key
	// or approve a request. sshd's LoginGraceTime is 120 s by default.
	loginTime = 2 * time.Minute
)

// open resolves and connects one host.
func (d *Dialer) open(ctx context.Context, host string) (*Client, error) {
	t, err := d.resolve(host, false)
	if err != nil {
		return nil, err
	}
	if err := d.checkWay(t); err != nil {
		return nil, err
	}
	return d.connect(ctx, t, d.opts.Spares)
}

// connect makes one connection to t. The jump host comes before the start slot:
// its own connection needs one too.
func (d *Dialer) connect(ctx context.Context, t *target, spares int) (*Client, error) {
	via, gate, err := d.route(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, sem := range []chan struct{}{gate, d.starts} {
		if err := take(ctx, sem); err != nil {
			return nil, cancelled(t.alias, err)
		}
		defer free(sem)
	}
	v, err := d.newVerifier(t)
	if err != nil {
		return nil, err
	}
	return d.retrying(ctx, t, func() (*Client, error) { return d.attempt(ctx, t, v, via, spares) })
}

// dialFunc opens the byte stream to a target's sshd.
type dialFunc func(ctx context.Context) (net.Conn, error)

// route says how bytes get to t, and which gate its handshakes pass.
func (d *Dialer) route(ctx context.Context, t *target) (dialFunc, chan struct{}, error) {
	switch {
	case len(t.jumps) > 0:
		chain := strings.Join(t.jumps, ",")
		hop, err := d.hop(ctx, t.jumps)
		if err != nil {
			return nil, nil, jumpFailed(t, chain, err)
		}
		dial := func(ctx context.Context) (net.Conn, error) { return dialThrough(ctx, hop, chain, t) }
		return dial, d.gate("through " + chain), nil
	case t.proxyCommand != "":
		dial := func(ctx context.Context) (net.Conn, error) { return startProxy(t) }
		return dial, d.gate("through " + t.proxyCommand), nil
	}
	dial := func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{Timeout: t.timeout}).DialContext(ctx, "tcp", t.addr())
	}
	return dial, d.gate(t.addr()), nil
}

// dialThrough has the jump host connect to t. It would wait for a host that keeps
// silent as long as its kernel does.
func dialThrough(ctx context.Context, hop *Client, chain string, t *target) (net.Conn, error) {
	brief, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	conn, err := hop.DialTCP(brief, t.addr())
	switch {
	case err == nil, over(ctx) != nil:
		return conn, err
	case over(brief) != nil:
		hint := fmt.Sprintf("is the host up, and does a firewall let %s in?", chain)
		return nil, t.fail(KindTimeout, err, hint, "no answer through the jump host %s within %s", chain, t.timeout)
	}
	return nil, jumpRefused(t, chain, err)
}

// hop connects the last host of a chain, through those before it. Hosts with the
// same chain share the connection.
func (d *Dialer) hop(ctx context.Context, chain []string) (*Client, error) {
	return d.dialHop(ctx, strings.Join(chain, ","), func() (*Client, error) {
		t, err := d.resolveHop(chain)
		if err != nil {
			return nil, err
		}
		return d.connect(ctx, t, 0)
	})
}

// resolveHop resolves the last host of a chain. Those before it are its own way,
// whatever ssh_config says; the first of all may have jump hosts of its own.
func (d *Dialer) resolveHop(chain []string) (*target, error) {
	t, err := d.resolve(chain[len(chain)-1], true)
	if err == nil && len(chain) > 1 {
		t.jumps, t.proxyCommand = chain[:len(chain)-1], ""
	}
	return t, err
}

// checkWay refuses jump hosts that lead back to themselves, before any of them
// is dialled: two such chains would wait for each other.
func (d *Dialer) checkWay(t *target) error {
	seen := map[string]bool{}
	for at := t; len(at.jumps) > 0; {
		chain := at.jumps
		last := chain[len(chain)-1]
		key := strings.Join(chain, ",")
		if seen[key] || len(seen) > maxHops {
			return t.fail(KindConfig, nil, "a Host pattern with ProxyJump matches the jump host itself; exclude it: Host * !"+last,
				"the jump host %s is to be reached through itself", last)
		}
		seen[key] = true
		next, err := d.resolveHop(chain)
		if err != nil {
			return jumpFailed(t, key, err)
		}
		at = next
	}
	return nil
}

// retrying repeats an attempt while the reason is one that passes: a resolver
// that failed, or an sshd that closed before its first word.
func (d *Dialer) retrying(ctx context.Context, t *target, attempt func() (*Client, error)) (*Client, error) {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.MaxInterval, b.RandomizationFactor = 100*time.Millisecond, 2, 2*time.Second, 0.1
	var lookups, handshakes int
	notify := func(err error, in time.Duration) {
		if handshakes == 1 || handshakes == 2 {
			return // normal when many log in at once
		}
		d.opts.Warn(fmt.Sprintf("%s: %s; again in %s", t.alias, detail(err), in.Round(10*time.Millisecond)))
	}
	c, err := backoff.Retry(ctx, func() (*Client, error) {
		c, err := attempt()
		var ce *ConnectError
		if err == nil || !errors.As(err, &ce) {
			return c, permanent(err)
		}
		switch ce.Kind {
		case KindDNS:
			lookups++
			if lookups <= d.opts.DNSRetries {
				return nil, err
			}
		case KindHandshake:
			handshakes++
			var drop *droppedError
			if errors.As(err, &drop) && handshakes < handshakeTries {
				return nil, err
			}
		}
		return nil, permanent(err)
	}, backoff.WithBackOff(b), backoff.WithNotify(notify))
	if err == nil {
		return c, nil
	}
	var ce *ConnectError
	if !errors.As(err, &ce) {
		err = cancelled(t.alias, err)
	}
	return nil, err
}

func permanent(err error) error {
	if err == nil {
		return nil
	}
	return backoff.Permanent(err)
}

func detail(err error) string {
	var ce *ConnectError
	if errors.As(err, &ce) {
		return ce.Detail
	}
	return err.Error()
}

// attempt dials and logs in once.
func (d *Dialer) attempt(ctx context.Context, t *target, v *verifier, dial dialFunc, spares int) (*Client, error) {
	raw, err := dial(ctx)
	if err != nil {
		return nil, classifyDial(ctx, t, err)
	}
	h := &handshake{d: d, t: t, v: v, conn: &observedConn{Conn: raw}}
	conn, err := h.run(ctx)
	if err != nil {
		return nil, h.classify(ctx, err)
	}
	return newClient(d, t, conn, spares), nil
}

// handshake is one key exchange and login.
type handshake struct {
	d    *Dialer
	t    *target
	v    *verifier
	conn *observedConn
	keys *keyring

	mu         sync.Mutex
	hostKeyErr error
	loggingIn  bool
}

// run blocks until logged in. ctx closes the connection under it.
func (h *handshake) run(ctx context.Context) (*ssh.Client, error) {
	stop := context.AfterFunc(ctx, func() { h.conn.abort() })
	defer stop()
	h.keys = h.d.keysFor(ctx, h.t)
	defer h.closeKeys()
	if err := h.conn.SetDeadline(time.Now().Add(h.t.timeout)); err != nil {
		return nil, errors.Join(err, h.conn.Close())
	}
	cfg := &ssh.ClientConfig{
		User:              h.t.user,
		Auth:              []ssh.AuthMethod{ssh.PublicKeysCallback(h.offer)},
		HostKeyAlgorithms: h.v.algorithms(),
		HostKeyCallback:   func(_ string, _ net.Addr, key ssh.PublicKey) error { return h.hostKey(ctx, key) },
		ClientVersion:     "SSH-2.0-hwdeploy",
	}
	conn, chans, reqs, err := ssh.NewClientConn(h.conn, h.t.addr(), cfg)
	if err != nil {
		return nil, err
	}
	if err := h.conn.SetDeadline(time.Time{}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return ssh.NewClient(conn, chans, reqs), nil
}

func (h *handshake) closeKeys() {
	if err := h.keys.close(); err != nil && !errors.Is(err, net.ErrClosed) {
		h.d.opts.Warn(fmt.Sprintf("closing the agent's connection: %v", err))
	}
}

func (h *handshake) offer() ([]ssh.Signer, error) { return h.keys.signers(), nil }

// hostKey runs when the key exchange is done: from here on a person may be asked,
// so the connect timeout ends.
func (h *handshake) hostKey(ctx context.Context, key ssh.PublicKey) error {
	if err := h.conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	err := h.v.check(ctx, key)
	h.mu.Lock()
	h.hostKeyErr, h.loggingIn = err, err == nil
	h.mu.Unlock()
	if err != nil {
		return err
	}
	return h.conn.SetDeadline(time.Now().Add(loginTime))
}
