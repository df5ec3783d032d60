package run_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

func TestLocal(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	var seen bytes.Buffer
	res, err := run.Local{}.Run(t.Context(), run.Cmd{
		Line: `pwd; echo "$A"; cat; echo err >&2`, Dir: dir, Env: []string{"A=1", "PATH=" + os.Getenv("PATH")},
		Stdin: strings.NewReader("in\n"), Stdout: &seen,
	})
	if want := dir + "\n1\nin\n"; err != nil || res.Stdout != want || res.Stderr != "err\n" || seen.String() != want {
		t.Fatalf("%+v %v %q", res, err, seen.String())
	}
	seen.Reset()
	res, err = run.Local{}.Run(t.Context(), run.Cmd{Line: "echo long", Stdout: &seen, Stream: true})
	if err != nil || res.Stdout != "" || seen.String() != "long\n" {
		t.Fatalf("%+v %v %q", res, err, seen.String())
	}
}

func TestLocalErrors(t *testing.T) {
	for _, tc := range []struct {
		line, signal, text string
		code               int
	}{
		{"echo why >&2; exit 3", "", "step: why (exit status 3)", 3},
		{"exit 1", "", "step: exit status 1", 1},
		{"kill -KILL $$", "KILL", "step: ended by signal KILL", -1},
		{"no-such-program-here", "", "", 127},
	} {
		_, err := run.Local{}.Run(t.Context(), run.Cmd{Name: "step", Line: tc.line})
		var exit *run.ExitError
		if !errors.As(err, &exit) || exit.Code != tc.code || exit.Signal != tc.signal || tc.text != "" && err.Error() != tc.text {
			t.Errorf("%s: %v", tc.line, err)
		}
	}
	_, err := run.Local{}.Run(t.Context(), run.Cmd{Name: "step", Line: "true", Dir: "/no/such/folder"})
	var exit *run.ExitError
	if err == nil || errors.As(err, &exit) {
		t.Error(err)
	}
}

func running(t *testing.T, word string) int {
	t.Helper()
	out, err := exec.Command("pgrep", "-fc", "^"+word).Output()
	var n int
	if _, serr := fmt.Sscan(string(out), &n); serr != nil {
		t.Fatal(err, serr)
	}
	return n
}

func TestLocalCancel(t *testing.T) {
	for name, line := range map[string]string{
		"plain": "%s", "child": "%s; true", "pipe": "%s | cat", "background": "%s & wait", "stubborn": "trap '' TERM; %s; %s",
		"answers with 0": "trap 'exit 0' TERM; %s & wait",
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			word := fmt.Sprintf("sleep 44%d", os.Getpid())
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("Ctrl-C")
			go func() {
				for running(t, word) == 0 {
					if ctx.Err() != nil {
						return
					}
				}
				cancel(cause)
			}()
			_, err := run.Local{Grace: 300 * time.Millisecond}.Run(ctx, run.Cmd{Line: strings.ReplaceAll(line, "%s", word)})
			if !errors.Is(err, cause) {
				t.Fatal(err)
			}
			if n := running(t, word); n != 0 {
				t.Errorf("%d left", n)
			}
		})
	}
}

// Already over: nothing is started.
func TestLocalCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := t.TempDir() + "/x"
	if _, err := (run.Local{}).Run(ctx, run.Cmd{Line: "touch " + file}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it ran")
	}
}

// A daemon that keeps the pipes open does not hold the command up for long.
func TestLocalDaemon(t *testing.T) {
	begin := time.Now()
	res, err := run.Local{Grace: 200 * time.Millisecond}.Run(t.Context(), run.Cmd{Line: "echo started; setsid sleep 5 &"})
	if err != nil || res.Stdout != "started\n" || time.Since(begin) > 3*time.Second {
		t.Error(time.Since(begin), res, err)
	}
}

func ExampleQuote() {
	fmt.Println("docker inspect", run.Quote("it's here"))
	// Output: docker inspect 'it'\''s here'
}

func ExampleLocal() {
	_, err := run.Local{}.Run(context.Background(), run.Cmd{Name: "look for a branch", Line: "echo 'no such branch' >&2; exit 1"})
	fmt.Println(err)
	// Output: look for a branch: no such branch (exit status 1)
}
