package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
)

// ExecOptions are one command for a running container.
type ExecOptions struct {
	Argv    []string
	Env     []string // added to the container's, KEY=value
	User    string   // empty = the container's
	WorkDir string   // empty = the container's
	// Stdin must come to an end by itself; nil = no input.
	Stdin io.Reader
	// Stdout and Stderr may be nil.
	Stdout, Stderr io.Writer
}

// Exec runs a command in a running container and gives its exit code; the error
// is for a command whose code is not known. Errors: IsConflict when the
// container does not run, IsNotFound. A missing program is no error: the engine
// says so on Stdout and the code is 126 (127 on newer engines).
//
// When ctx ends first, the command goes on inside the container; the engine has
// no way to stop it.
func (c *Client) Exec(ctx context.Context, id string, o ExecOptions) (int, error) {
	code := 0
	err := c.do(ctx, execOp(id, o), func(api *client.Client) (err error) {
		exec, err := api.ContainerExecCreate(ctx, id, o.request(true))
		if err != nil {
			return err
		}
		if err := c.attach(ctx, api, exec.ID, o); err != nil {
			return err
		}
		code, err = exitCode(ctx, api, exec.ID)
		return err
	})
	return code, err
}

// ExecDetached starts a command in a running container and does not wait for
// it. Its output is lost and it survives this process.
func (c *Client) ExecDetached(ctx context.Context, id string, o ExecOptions) error {
	return c.do(ctx, execOp(id, o), func(api *client.Client) error {
		exec, err := api.ContainerExecCreate(ctx, id, o.request(false))
		if err != nil {
			return err
		}
		return api.ContainerExecStart(ctx, exec.ID, container.ExecStartOptions{Detach: true})
	})
}

// execOp names the program only: arguments may be long or private.
func execOp(id string, o ExecOptions) string {
	if len(o.Argv) == 0 {
		return "run a command in container " + id
	}
	return fmt.Sprintf("run %s in container %s", o.Argv[0], id)
}

func (o ExecOptions) request(attached bool) container.ExecOptions {
	return container.ExecOptions{
		Cmd: o.Argv, Env: o.Env, User: o.User, WorkingDir: o.WorkDir,
		AttachStdin: attached && o.Stdin != nil, AttachStdout: attached, AttachStderr: attached, Detach: !attached,
	}
}

// attach starts the command and moves its streams until both outputs end.
func (c *Client) attach(ctx context.Context, api *client.Client, execID string, o ExecOptions) error {
	stream, err := api.ContainerExecAttach(ctx, execID, container.ExecAttachOptions{})
	if err != nil {
		return err
	}
	// A hijacked stream does not know ctx; closing it ends the copying below.
	stop := context.AfterFunc(ctx, stream.Close)
	defer stop()

	sent := make(chan error, 1)
	go func() { sent <- send(stream, o.Stdin) }()
	_, err = stdcopy.StdCopy(orDiscard(o.Stdout), orDiscard(o.Stderr), stream.Reader)
	stream.Close()
	serr := <-sent // a write to a closed stream fails at once
	if ctx.Err() != nil {
		return fmt.Errorf("gave up waiting, the command may still run: %w", context.Cause(ctx))
	}
	if o.Stdin != nil && errors.Is(err, syscall.ECONNRESET) {
		err = nil // the engine hung up on input that nobody read: as below
	}
	if err == nil && serr != nil && !errors.Is(serr, errStdin) {
		serr = nil // the command ended without reading all: its exit code tells
	}
	return errors.Join(err, serr)
}

var errStdin = errors.New("read the input")

func send(stream types.HijackedResponse, in io.Reader) error {
	if in == nil {
		return nil
	}
	if err := pump(stream.Conn, in); err != nil {
		return err
	}
	return stream.CloseWrite()
}

// pump is io.Copy that tells a failing reader from a failing writer.
func pump(w io.Writer, r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, rerr := r.Read(buf)
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		if rerr == io.EOF {
			return nil
		}
		if rerr != nil {
			return fmt.Errorf("%w: %w", errStdin, rerr)
		}
	}
}

// exitCode asks until the engine has noticed the end: between the end of the
// output and that moment it says Running with exit code 0.
func exitCode(ctx context.Context, api *client.Client, execID string) (int, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		i, err := api.ContainerExecInspect(ctx, execID)
		if err != nil {
			return 0, err
		}
		if !i.Running {
			return i.ExitCode, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("gave up waiting, the command may still run: %w", context.Cause(ctx))
		}
	}
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}
