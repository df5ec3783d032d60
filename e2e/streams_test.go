package e2e

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"time"
)

// sees waits until a text stood n times in what a run printed.
func (p *process) sees(text string, n int) {
	p.w.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for strings.Count(p.out.String(), text) < n {
		select {
		case <-tick.C:
		case <-deadline:
			p.w.Fatalf("%q is not there %d times:\n%q", text, n, p.out)
		}
	}
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
