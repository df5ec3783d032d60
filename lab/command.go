package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// command is one program run on this machine.
type command struct {
	dir   string
	env   []string // added to this process's own
	stdin io.Reader
	out   io.Writer // a copy of both streams, as they come
	argv  []string
}

// CommandError is a program that ran and failed.
type CommandError struct {
	Argv   []string
	Code   int // exit status; -1 when it was killed or never started
	Stdout string
	Stderr string
	Err    error
}

// Error is the command line, the status and the end of what it printed.
func (e *CommandError) Error() string {
	text := strings.TrimSpace(e.Stderr)
	if text == "" {
		text = strings.TrimSpace(e.Stdout)
	}
	const most = 2000
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	line := strings.Join(e.Argv, " ")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return fmt.Sprintf("%s: %v: %s", line, e.Err, text)
}

func (e *CommandError) Unwrap() error { return e.Err }

// run runs c and gives its standard output; a failure is a *CommandError.
func run(ctx context.Context, c command) (string, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = c.dir, c.stdin, 2*time.Second
	if len(c.env) > 0 {
		cmd.Env = append(os.Environ(), c.env...)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if c.out != nil {
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&stdout, c.out), io.MultiWriter(&stderr, c.out)
	}
	err := cmd.Run()
	if err == nil {
		return stdout.String(), nil
	}
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return stdout.String(), &CommandError{Argv: c.argv, Code: exitCode(cmd), Stdout: stdout.String(), Stderr: stderr.String(), Err: err}
}

func exitCode(cmd *exec.Cmd) int {
	if cmd.ProcessState == nil {
		return -1
	}
	return cmd.ProcessState.ExitCode()
}

// docker runs the docker program against the engine that carries the lab.
func docker(ctx context.Context, args ...string) (string, error) {
	return run(ctx, command{argv: append([]string{"docker"}, args...)})
}

// poll calls f every interval until it succeeds, ctx ends or the time is up;
// then the last error of f is in the message.
func poll(ctx context.Context, limit, interval time.Duration, what string, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: not after %s: %w", what, limit, err)
		case <-tick.C:
		}
	}
}
