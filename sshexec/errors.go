package sshexec

import (
	"errors"
	"fmt"
	"strings"
)

// Kind sorts the reasons why a host could not be reached.
type Kind string

// The kinds of ConnectError.
const (
	KindConfig         Kind = "config"           // options or ssh_config make no sense
	KindDNS            Kind = "dns"              // the name has no address
	KindUnreachable    Kind = "unreachable"      // refused, no route
	KindTimeout        Kind = "timeout"          // no answer in time
	KindHandshake      Kind = "handshake"        // closed or nonsense before login
	KindHostKeyUnknown Kind = "host-key-unknown" // nobody has vouched for the key
	KindHostKeyChanged Kind = "host-key-changed" // another key than the known one
	KindHostKeyRevoked Kind = "host-key-revoked" // the key is marked @revoked
	KindAuthRefused    Kind = "auth-refused"     // no offered key was taken
	KindNoKeys         Kind = "no-keys"          // there was no key to offer
	KindJumpFailed     Kind = "jump-failed"      // the jump host failed, or could not reach on
	KindProxyCommand   Kind = "proxy-command"    // ProxyCommand ended or said no
	KindCancelled      Kind = "cancelled"        // the context ended first
)

// ConnectError says why there is no connection to Host.
type ConnectError struct {
	Host    string // as in the configuration
	Address string // user@name:port that was tried
	Kind    Kind
	Detail  string // what happened, in lower case
	Hint    string // what to try; may have several lines; may be empty
	Err     error  // the cause; may be nil
}

// Error is one line, and the hints on lines of their own.
func (e *ConnectError) Error() string {
	where := e.Host
	if e.Address != "" && e.Address != e.Host {
		where += " (" + e.Address + ")"
	}
	msg := fmt.Sprintf("cannot connect to %s: %s", where, e.Detail)
	if e.Hint != "" {
		msg += "\n  " + strings.ReplaceAll(e.Hint, "\n", "\n  ")
	}
	return msg
}

// Unwrap gives the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// ErrLost is wrapped by every error of a connection that broke or was closed.
var ErrLost = errors.New("ssh connection lost")

// LostError says that the connection to a host ended while it was in use.
type LostError struct {
	Host   string
	Reason string
}

// Error tells host and reason.
func (e *LostError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrLost, e.Host, e.Reason)
}

// Is makes errors.Is(err, ErrLost) hold.
func (e *LostError) Is(target error) bool { return target == ErrLost }

// NoStatusError is a command of which is not known how it ended: its channel
// closed without an exit status.
type NoStatusError struct {
	Host, Name, Line string
	Stdout, Stderr   string // what had arrived
	Err              error  // *LostError when the connection broke; else nil
}

// Error says what was being done, and that the outcome is open.
func (e *NoStatusError) Error() string {
	msg := fmt.Sprintf("%s on %s: ended without an exit status", title(e.Name, e.Line), e.Host)
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap gives the broken connection, if that was the cause.
func (e *NoStatusError) Unwrap() error { return e.Err }

// RefusedError is a channel or forward that the host's sshd would not open.
type RefusedError struct {
	Host   string
	What   string // "session", "unix socket /var/run/docker.sock", …
	Detail string // sshd's words; they rarely tell the cause
	Hint   string
}

// Error is one line, and the hint on a line of its own.
func (e *RefusedError) Error() string {
	msg := fmt.Sprintf("%s refused a %s: %s", e.Host, e.What, e.Detail)
	if e.Hint != "" {
		msg += "\n  " + strings.ReplaceAll(e.Hint, "\n", "\n  ")
	}
	return msg
}

func title(name, line string) string {
	if name != "" {
		return name
	}
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return word
}
