package docker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
)

// LogOptions say which lines of a container's output to read.
type LogOptions struct {
	Tail       int    // last lines; 0 = all
	Since      string // RFC 3339 time, Unix seconds, or an age: "10m"
	Until      string
	Follow     bool // go on until the container stops or ctx ends
	Timestamps bool // RFC 3339 in front of each line
}

// Logs writes a container's output. A nil writer loses its stream. With Follow,
// the end of ctx is the ordinary end and no error.
func (c *Client) Logs(ctx context.Context, id string, o LogOptions, stdout, stderr io.Writer) error {
	return c.do(ctx, "read the log of container "+id, func(api *client.Client) error {
		tail := "all"
		if o.Tail > 0 {
			tail = strconv.Itoa(o.Tail)
		}
		r, err := api.ContainerLogs(ctx, id, container.LogsOptions{
			ShowStdout: true, ShowStderr: true, Since: o.Since, Until: o.Until,
			Timestamps: o.Timestamps, Follow: o.Follow, Tail: tail,
		})
		if err != nil {
			return err
		}
		err = demux(orDiscard(stdout), orDiscard(stderr), r)
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if ctx.Err() != nil {
			if o.Follow && errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return context.Cause(ctx)
		}
		return err
	})
}

// demux splits the two streams. A container with a terminal has one, without
// frames: a frame begins with the stream's number and three zeros.
func demux(stdout, stderr io.Writer, r io.Reader) error {
	b := bufio.NewReader(r)
	head, err := b.Peek(4)
	if err != nil && len(head) == 0 {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return fmt.Errorf("read the stream: %w", err)
	}
	framed := len(head) == 4 && head[0] <= 3 && head[1] == 0 && head[2] == 0 && head[3] == 0
	if framed {
		_, err = stdcopy.StdCopy(stdout, stderr, b)
	} else {
		_, err = io.Copy(stdout, b)
	}
	return err
}
