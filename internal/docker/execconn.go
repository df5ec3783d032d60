package docker

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
)

// ExecConn runs a command in a running container and gives its stdin and stdout
// as one stream ("buildctl dial-stdio" reaches a daemon so). Of ExecOptions,
// the streams are not used. Closing the stream ends the command's input. When
// the command ends by itself, Read says what it left on stderr.
func (c *Client) ExecConn(ctx context.Context, id string, o ExecOptions) (net.Conn, error) {
	var conn net.Conn
	err := c.do(ctx, execOp(id, o), func(api *client.Client) error {
		req := o.request(true)
		req.AttachStdin = true
		exec, err := api.ContainerExecCreate(ctx, id, req)
		if err != nil {
			return err
		}
		stream, err := api.ContainerExecAttach(ctx, exec.ID, container.ExecAttachOptions{})
		if err != nil {
			return err
		}
		conn = &execConn{Conn: stream.Conn, stream: stream}
		return nil
	})
	return conn, err
}

// maxStderr is how much of a command's stderr an error keeps, in bytes.
const maxStderr = 4 << 10

// execConn takes the frames apart that the engine makes of the two outputs: 8
// bytes (stream, three zeros, length), then the data.
type execConn struct {
	net.Conn // writes and deadlines
	stream   types.HijackedResponse
	left     int // bytes of the frame at hand
	stderr   []byte
}

// Read gives bytes of stdout.
func (e *execConn) Read(p []byte) (int, error) {
	for e.left == 0 {
		if err := e.frame(); err != nil {
			return 0, err
		}
	}
	n, err := e.stream.Reader.Read(p[:min(len(p), e.left)])
	e.left -= n
	return n, err
}

// frame reads headers up to the next data of stdout.
func (e *execConn) frame() error {
	var head [8]byte
	if _, err := io.ReadFull(e.stream.Reader, head[:]); err != nil {
		if text := strings.TrimSpace(string(e.stderr)); text != "" && err == io.EOF {
			return fmt.Errorf("the command has ended: %s", text)
		}
		return err
	}
	size := int(binary.BigEndian.Uint32(head[4:]))
	if stdcopy.StdType(head[0]) == stdcopy.Stdout {
		e.left = size
		return nil
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(e.stream.Reader, text); err != nil {
		return err
	}
	e.stderr = append(e.stderr, text...)
	e.stderr = e.stderr[max(0, len(e.stderr)-maxStderr):]
	return nil
}

// CloseWrite ends the command's input and keeps reading its output.
func (e *execConn) CloseWrite() error { return e.stream.CloseWrite() }
