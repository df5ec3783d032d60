package e2e

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/creack/pty"
)

// terminal is a run of hwdeploy on a terminal of its own: what a person types
// and sees.
type terminal struct {
	w      *world
	cmd    *exec.Cmd
	keys   *os.File
	screen *syncBuffer
	read   chan struct{} // closed when the screen is complete
}

func (w *world) terminal(cols, rows uint16, args ...string) *terminal {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	w.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Env = w.dir, append(w.env, "TERM=xterm")
	keys, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: cols, Rows: rows})
	if err != nil {
		w.Fatal(err)
	}
	t := &terminal{w: w, cmd: cmd, keys: keys, screen: &syncBuffer{}, read: make(chan struct{})}
	go func() {
		defer close(t.read)
		io.Copy(t.screen, keys) //nolint:errcheck // ends with an error when the program does
	}()
	return t
}

func (t *terminal) typed(text string) {
	t.w.Helper()
	if _, err := io.WriteString(t.keys, text); err != nil {
		t.w.Fatalf("typing %q: %v\n%s", text, err, t.screen)
	}
}

// sees waits for a text on the screen, n times.
func (t *terminal) sees(text string, n int) {
	t.w.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for strings.Count(t.screen.String(), text) < n {
		select {
		case <-tick.C:
		case <-deadline:
			t.w.Fatalf("%q is not there %d times:\n%q", text, n, t.screen)
		}
	}
}

func (t *terminal) resize(cols, rows uint16) {
	t.w.Helper()
	if err := pty.Setsize(t.keys, &pty.Winsize{Cols: cols, Rows: rows}); err != nil {
		t.w.Fatal(err)
	}
}

// code waits for the end and gives the exit code.
func (t *terminal) code() int {
	t.w.Helper()
	err := t.cmd.Wait()
	<-t.read
	t.keys.Close()
	if t.cmd.ProcessState.ExitCode() < 0 {
		t.w.Fatalf("%v\n%s", err, t.screen)
	}
	return t.cmd.ProcessState.ExitCode()
}

// piped runs hwdeploy with an input and keeps its two outputs apart.
func (w *world) piped(stdin []byte, args ...string) (stdout []byte, o outcome) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = w.dir, w.env, bytes.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() < 0 {
		w.Fatalf("%v\n%s", err, errs.String())
	}
	return out.Bytes(), outcome{code: cmd.ProcessState.ExitCode(), out: errs.String()}
}
