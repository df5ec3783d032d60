package sshexec

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// observedConn remembers the first bytes that came, which say who answered.
type observedConn struct {
	net.Conn
	mu   sync.Mutex
	head []byte
}

const headSize = 160

// Read implements net.Conn.
func (c *observedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	if room := headSize - len(c.head); room > 0 {
		c.head = append(c.head, p[:min(n, room)]...)
	}
	c.mu.Unlock()
	return n, err
}

// greeting gives what came before any SSH identification, and whether one came.
func (c *observedConn) greeting() (text string, isSSH bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := string(c.head)
	if i := strings.Index(s, "SSH-"); i >= 0 {
		return strings.TrimSpace(s[:i]), true
	}
	return strings.TrimSpace(s), false
}

// abort wakes whoever reads or writes. A failing Close means it was closed.
func (c *observedConn) abort() {
	if err := c.Close(); err != nil {
		return
	}
}

// droppedError is an sshd that hung up before it said who it is, as it does at
// random beyond MaxStartups.
type droppedError struct{ err error }

func (e *droppedError) Error() string { return e.err.Error() }
func (e *droppedError) Unwrap() error { return e.err }

func (t *target) fail(kind Kind, err error, hint, format string, args ...any) error {
	return &ConnectError{Host: t.alias, Address: t.address(), Kind: kind, Detail: fmt.Sprintf(format, args...), Hint: hint, Err: err}
}

// classifyDial sorts errors from before the first byte.
func classifyDial(ctx context.Context, t *target, err error) error {
	var ce *ConnectError
	var dns *net.DNSError
	var ne net.Error
	switch {
	case errors.As(err, &ce):
		return err
	case over(ctx) != nil:
		return cancelled(t.alias, over(ctx))
	case errors.As(err, &dns):
		why := "the resolver failed: " + dns.Err
		if dns.IsNotFound {
			why = "the name has no address"
		}
		return t.fail(KindDNS, err, fmt.Sprintf("check the spelling of %s, the VPN and the DNS servers", t.host), "%s", why)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return t.fail(KindTimeout, err, "is the host up, and does a firewall let this address in?", "no answer within %s", t.timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return t.fail(KindUnreachable, err, fmt.Sprintf("the host answers, but nothing listens on port %d: check %s and that sshd runs", t.port, t.portName()),
			"connection refused")
	}
	return t.fail(KindUnreachable, err, "check the address, the route and the VPN", "%s", reason(err))
}

// over is why ctx has ended. Sockets keep its deadline a moment earlier than it
// does itself.
func over(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if d, ok := ctx.Deadline(); ok && !time.Now().Before(d) {
		return context.DeadlineExceeded
	}
	return nil
}

// portName is where a person sets the port.
func (t *target) portName() string {
	switch {
	case t.hop:
		return "the jump host's port"
	case t.whole:
		return "the port (its address or ssh_config)"
	}
	return "the port (ssh.port)"
}

// reason is the innermost message of a network error.
func reason(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	return err.Error()
}

// classify sorts errors of the handshake by how far it came.
func (h *handshake) classify(ctx context.Context, err error) error {
	h.mu.Lock()
	hostKeyErr, loggingIn := h.hostKeyErr, h.loggingIn
	h.mu.Unlock()
	switch {
	case hostKeyErr != nil:
		return hostKeyErr
	case over(ctx) != nil:
		return cancelled(h.t.alias, over(ctx))
	case loggingIn:
		return h.classifyLogin(err)
	}
	return h.classifyExchange(err)
}

func (h *handshake) classifyExchange(err error) error {
	t := h.t
	if pc, ok := h.conn.Conn.(*proxyConn); ok {
		if failed := pc.failure(t); failed != nil {
			return failed
		}
	}
	var ne net.Error
	var algo *ssh.AlgorithmNegotiationError
	greeting, isSSH := h.conn.greeting()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return t.fail(KindTimeout, err, "something accepted the connection but speaks no SSH, or the host is overloaded", "no SSH handshake within %s", t.timeout)
	case errors.As(err, &algo):
		return t.fail(KindHandshake, err, fmt.Sprintf("theirs: %s\nupdate the host's sshd or its configuration",
			strings.Join(algo.RequestedAlgorithms, " ")), "no common algorithm for %s", algo.What)
	case isSSH:
		return t.fail(KindHandshake, err, "look at the host's sshd log", "the connection broke during the key exchange: %s", innermost(err))
	case greeting != "" && !strings.Contains(greeting, "MaxStartups") && !strings.Contains(greeting, "Not allowed at this time"):
		return t.fail(KindHandshake, err, fmt.Sprintf("is port %d that of sshd?", t.port), "what answers is not an SSH server; it says %q", greeting)
	}
	hint := "too many logins at once (MaxStartups), or this address is kept out (PerSourcePenalties, fail2ban, hosts.deny): look at the host's sshd log"
	what := "sshd hung up before its first word"
	if greeting != "" {
		what += ": " + greeting
	}
	return t.fail(KindHandshake, &droppedError{err}, hint, "%s", what)
}

// classifyLogin sorts errors after the host key was accepted.
func (h *handshake) classifyLogin(err error) error {
	t, k := h.t, h.keys
	var locked *unlockError
	notes := strings.Join(k.notes, "\n")
	switch {
	case errors.As(err, &locked):
		return t.fail(KindAuthRefused, err, "add it to the agent: ssh-add "+locked.name, "%s", locked.Error())
	case len(k.offers) == 0:
		return t.fail(KindNoKeys, err, join(notes, "add a key to the agent (ssh-add), or name one in ssh.keys"), "there is no key to log in with")
	case strings.Contains(err.Error(), "unable to authenticate"):
		hint := join("offered:", k.list(), notes, fmt.Sprintf("is one of them in %s's authorized_keys, and is %s the right user (ssh.user)?", t.user, t.user))
		return t.fail(KindAuthRefused, err, hint, "the host takes none of the keys for user %s", t.user)
	case strings.Contains(err.Error(), "ssh: disconnect"):
		hint := join("offered:", k.list(), "with many keys, name the right one in ssh.keys and set ssh.keys_only")
		return t.fail(KindAuthRefused, err, hint, "the host broke off the login: %s", innermost(err))
	}
	return t.fail(KindHandshake, err, "look at the host's sshd log", "the connection broke during login: %s", innermost(err))
}

// innermost drops the library's prefixes.
func innermost(err error) string {
	s := strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
	return strings.TrimPrefix(s, "ssh: ")
}

func join(lines ...string) string {
	var out []string
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// jumpFailed is a jump host that could not be reached itself.
func jumpFailed(t *target, chain string, err error) error {
	var ce *ConnectError
	if !errors.As(err, &ce) {
		return t.fail(KindJumpFailed, err, "", "jump host %s: %v", chain, err)
	}
	if ce.Kind == KindCancelled {
		return cancelled(t.alias, ce.Err)
	}
	name := ce.Host
	if ce.Address != "" && ce.Address != name {
		name += " (" + ce.Address + ")"
	}
	return t.fail(KindJumpFailed, err, ce.Hint, "jump host %s: %s", name, ce.Detail)
}

// jumpRefused is a jump host that is connected and can't reach on. It is the one
// place that knows why: sshd passes the network's words on.
func jumpRefused(t *target, chain string, err error) error {
	var re *RefusedError
	if !errors.As(err, &re) {
		return t.fail(KindJumpFailed, err, "", "jump host %s: %v", chain, err)
	}
	hint := fmt.Sprintf("check the address, and that %s can reach it", chain)
	if strings.Contains(re.Detail, ssh.Prohibited.String()) {
		hint = "the jump host's sshd forbids it: AllowTcpForwarding, PermitOpen"
	}
	return t.fail(KindJumpFailed, err, hint, "jump host %s cannot reach %s: %s", chain, t.addr(), re.Detail)
}
