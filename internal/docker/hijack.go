package docker

import (
	"context"
	"net"

	"github.com/docker/docker/client"
)

// Hijack turns one call into a raw stream: path is one of BuildKit's two doors in
// the engine ("/grpc", "/session"), proto the protocol spoken after it ("h2c"),
// meta additional headers. The caller closes the stream.
//
// Source: https://github.com/moby/moby/blob/master/daemon/server/router/grpc
func (c *Client) Hijack(ctx context.Context, path, proto string, meta map[string][]string) (net.Conn, error) {
	var conn net.Conn
	err := c.do(ctx, "open "+path+" of the engine", func(api *client.Client) (err error) {
		conn, err = api.DialHijack(ctx, path, proto, meta)
		return err
	})
	return conn, err
}
