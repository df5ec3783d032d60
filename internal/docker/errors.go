package docker

import (
	"errors"
	"strings"

	"github.com/containerd/errdefs"
)

// Error is a call that failed: what was asked, of which host, and why.
type Error struct {
	Host string // empty = this machine
	Op   string // in words: "start container 0f3c…"
	Err  error  // keeps the class (errdefs) of the engine's answer
}

// Error reads "start container web on 10.0.0.4: No such container: web".
func (e *Error) Error() string {
	where := ""
	if e.Host != "" {
		where = " on " + e.Host
	}
	return e.Op + where + ": " + strings.TrimPrefix(e.Err.Error(), "Error response from daemon: ")
}

func (e *Error) Unwrap() error { return e.Err }

// IsNotFound tells that the engine has no such container, image or network.
func IsNotFound(err error) bool { return errdefs.IsNotFound(err) }

// IsConflict tells that the state does not allow it: a name in use, an exec in
// a stopped container, an image that a container needs.
func IsConflict(err error) bool { return errdefs.IsConflict(err) }

// IsDenied tells that a registry refused the credentials (401 or 403).
func IsDenied(err error) bool {
	return errdefs.IsUnauthorized(err) || errdefs.IsPermissionDenied(err)
}

// IsUnreachable tells that no stream to the engine could be opened.
func IsUnreachable(err error) bool {
	var u *unreachableError
	return errors.As(err, &u)
}

// unreachableError keeps the dial function's error as it was.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string {
	return "no connection to the Docker engine: " + e.err.Error()
}
func (e *unreachableError) Unwrap() error { return e.err }

// dialError travels through the library. It has no Unwrap and says nothing of
// its cause, since the library throws away whatever it recognises as net's.
type dialError struct{ err error }

func (e *dialError) Error() string { return "dial" }

func (c *Client) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	var already *Error
	if errors.As(err, &already) {
		return err
	}
	var d *dialError
	if errors.As(err, &d) {
		err = &unreachableError{d.err}
	}
	return &Error{Host: c.host, Op: op, Err: err}
}
