package docker

import (
	"context"
	"net"

	"github.com/docker/docker/client"
)

// BuildKit's two doors in the engine. Sessions carry the headers that BuildKit
// makes for them.
//
// Source: https://github.com/moby/moby/blob/master/daemon/server/router/grpc
const (
	PathBuildKit = "/grpc"
	PathSession  = "/session"
)

// Hijack turns one call into a raw stream: path is PathBuildKit or PathSession,
// proto the protocol spoken after it ("h2c"), meta additional headers. The
// caller closes the stream.
func (c *Client) Hijack(ctx context.Context, path, proto string, meta map[string][]string) (net.Conn, error) {
	var conn net.Conn
	err := c.do(ctx, "open "+path+" of the engine", func(api *client.Client) (err error) {
		conn, err = api.DialHijack(ctx, path, proto, meta)
		return err
	})
	return conn, err
}
