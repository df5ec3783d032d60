// Package build turns a source tree into an image on a BuildKit that it is
// given a way to reach: the one inside a Docker engine, or a daemon of its own.
//
// Laws:
//   - only what changed of the tree travels (BuildKit's file sync); secrets and
//     credentials travel in the session, never in an argument or a label;
//   - nothing is pushed from here: a daemon pushes itself or hands out the blobs
//     (Content), an engine keeps the image for its caller to push;
//   - a failed step is a *BuildError with its name, exit code, last lines and
//     place in the Dockerfile.
//
// Values are plain: this package knows neither deploy.yml nor registries nor
// the Docker API.
//
// Sources: https://github.com/moby/buildkit/blob/master/docs/dockerfile.md and
// frontend/dockerfile/docs (frontend attributes), client/solve.go (sessions,
// exporters); https://docs.docker.com/reference/cli/docker/buildx/build/ (what
// the words of a build section mean).
package build

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/moby/buildkit/client"
	"google.golang.org/grpc"
)

// HijackFunc opens a raw stream through a Docker engine: path is "/grpc" or
// "/session", proto what is spoken on it, meta the headers to send.
type HijackFunc func(ctx context.Context, path, proto string, meta map[string][]string) (net.Conn, error)

// DialFunc opens a stream to a BuildKit daemon's socket.
type DialFunc func(ctx context.Context) (net.Conn, error)

// Builder is one BuildKit. It is safe for several builds at once.
type Builder struct {
	host   string // for errors; empty = this machine
	engine bool
	client *client.Client
	dialed lastDial
}

// window is how many bytes a builder may send before it hears of us: a far link at
// full speed from the first blob on. gRPC's own begins with 64 KiB a round trip.
const window = 8 << 20

// Engine is the BuildKit inside a Docker engine, 20.10 or newer. It builds for
// one platform and loads the result into the engine's images; 20.10 knows
// neither heredocs nor COPY --link. host names it in errors.
func Engine(ctx context.Context, hijack HijackFunc, host string) (*Builder, error) {
	b := &Builder{host: host, engine: true}
	dial := func(ctx context.Context, _ string) (net.Conn, error) {
		return b.dialed.note(hijack(ctx, "/grpc", "h2c", nil))
	}
	session := func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
		return b.dialed.note(hijack(ctx, "/session", proto, meta))
	}
	return b.open(ctx, client.WithContextDialer(dial), client.WithSessionDialer(session))
}

// Daemon is a BuildKit daemon behind a socket, for instance the one in the
// container of a buildx builder.
func Daemon(ctx context.Context, dial DialFunc, host string) (*Builder, error) {
	b := &Builder{host: host}
	return b.open(ctx, client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return b.dialed.note(dial(ctx))
	}))
}

// open makes the client. Nothing is dialled before the first call; the address
// is never used, but must parse.
func (b *Builder) open(ctx context.Context, opts ...client.ClientOpt) (*Builder, error) {
	opts = append(opts, client.WithGRPCDialOption(grpc.WithInitialWindowSize(window)), client.WithGRPCDialOption(grpc.WithInitialConnWindowSize(window)))
	c, err := client.New(ctx, "unix:///builder", opts...)
	if err != nil {
		return nil, fmt.Errorf("open the builder%s: %w", at(b.host), err)
	}
	b.client = c
	return b, nil
}

// IsEngine tells that it is the one inside a Docker engine.
func (b *Builder) IsEngine() bool { return b.engine }

// Close gives the connection back.
func (b *Builder) Close() error { return b.client.Close() }

func at(host string) string {
	if host == "" {
		return ""
	}
	return " on " + host
}

// lastDial remembers why the last stream could not be opened: gRPC keeps only
// the words of it.
type lastDial struct {
	mu  sync.Mutex
	err error
}

func (l *lastDial) note(conn net.Conn, err error) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	return conn, err
}

func (l *lastDial) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
