// Package docker speaks to one Docker engine through the Engine API, over a
// dial function it is given (a socket here, or one forwarded from a host).
//
// Laws:
//   - one call is one round trip: the API version is settled by a single
//     question per Client (Ping), whose answer is kept;
//   - values in and out are this package's own, so that the client library
//     behind it can be exchanged in this folder alone;
//   - an error says what was asked of whom (*Error) and keeps the engine's
//     class: IsNotFound, IsConflict, IsUnreachable and the rest of
//     containerd/errdefs work on it;
//   - containers of the application are never created here: that is a shell
//     line on the host. Create is for our own throw-away containers.
//
// Engines from 20.10 on are served; podman is refused with a message.
//
// Sources: https://docs.docker.com/reference/api/engine/ (the API and its
// versions), https://pkg.go.dev/github.com/docker/docker/client.
package docker

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/docker/docker/client"
)

// DialFunc opens one byte stream to the engine's socket. It is called from many
// goroutines at once.
type DialFunc func(ctx context.Context) (net.Conn, error)

// Options are what a Client can be told.
type Options struct {
	// Host is the name that errors carry; empty = this machine.
	Host string
	// MaxConns bounds the streams open at once for ordinary calls; 0 = no bound.
	// Set it where each stream is an SSH session (sshd allows 10). A call that
	// takes its stream over (Exec, Hijack) is not counted.
	MaxConns int
}

// Client is one engine. It is safe for use from many goroutines.
type Client struct {
	host string
	dial DialFunc
	http *http.Client

	// settle holds one token: whoever has it may ask for the version. It is a
	// channel so that a caller whose context ends need not wait for the asker.
	settle  chan struct{}
	settled atomic.Pointer[settled]
}

type settled struct {
	api    *client.Client
	engine Engine
}

// idleConns is how many unused streams are kept for the next calls. An observer
// has some ten calls in flight per host, and a new stream costs a round trip.
const idleConns = 32

// New makes a client; nothing is dialled before the first call.
func New(dial DialFunc, o Options) *Client {
	c := &Client{host: o.Host, dial: dial, settle: make(chan struct{}, 1)}
	// DialContext must be set on the transport itself: without it, the library
	// takes a cloned transport for a TLS one and asks for https.
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return c.connect(ctx) },
			MaxIdleConnsPerHost: idleConns,
			MaxConnsPerHost:     o.MaxConns,
			DisableCompression:  true,
		},
		CheckRedirect: client.CheckRedirect,
	}
	return c
}

// Close gives back the idle streams. Calls in flight keep theirs.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// connect dials and marks a failure, so that the cause survives the library,
// which replaces the errors of net by a sentence of its own.
func (c *Client) connect(ctx context.Context) (net.Conn, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, &dialError{err}
	}
	return conn, nil
}

// use gives the library's client, with the API version settled.
func (c *Client) use(ctx context.Context) (*client.Client, error) {
	if s := c.settled.Load(); s != nil {
		return s.api, nil
	}
	select {
	case c.settle <- struct{}{}:
		defer func() { <-c.settle }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s := c.settled.Load(); s != nil {
		return s.api, nil
	}
	e, err := c.ask(ctx)
	if err != nil {
		return nil, err
	}
	api, err := client.NewClientWithOpts(
		client.WithHost("http://docker"), // first: it reshapes the default transport
		client.WithHTTPClient(&http.Client{Transport: c.http.Transport, CheckRedirect: c.http.CheckRedirect}),
		client.WithVersion(e.pinned()),
	)
	if err != nil {
		return nil, err
	}
	c.settled.Store(&settled{api: api, engine: e})
	return api, nil
}

// ShortID is the first 12 digits of an id, without an algorithm in front.
func ShortID(id string) string {
	if _, after, ok := strings.Cut(id, ":"); ok {
		id = after
	}
	return id[:min(len(id), 12)]
}
