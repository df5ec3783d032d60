package sshexec_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

func TestRunStatus(t *testing.T) {
	// With the user's own ~/.bashrc: see sshtest.
	c := dial(t, options(t, sshtest.StartSSHD(t, "SetEnv ANY=1")), "127.0.0.1")
	for _, tc := range []struct {
		line, stdout, stderr string
		code                 int
		signal               string
	}{
		{line: "echo out; echo err >&2", stdout: "out\n", stderr: "err\n"},
		{line: "echo why >&2; exit 7", stderr: "why\n", code: 7},
		{line: "kill -KILL $$", code: -1, signal: "KILL"},
		{line: "kill -TERM $$", code: -1, signal: "TERM"},
		{line: "false || echo yes | tr y Y", stdout: "Yes\n"},
		{line: "exec echo 'one  word'", stdout: "one  word\n"},
		{line: "", stdout: ""},
		{line: "# only a comment", stdout: ""},
		{line: "cat <<E\nline\nE", stdout: "line\n"},
		{line: "printf 'no newline' >&2", stderr: "no newline"},
		{line: "printf 'hwdeploy-process 1\n' >&2", stderr: "hwdeploy-process 1\n"},
	} {
		res, err := c.Run(t.Context(), run.Cmd{Name: "step", Line: tc.line})
		var exit *run.ExitError
		switch {
		case tc.code == 0 && err != nil:
			t.Errorf("%q: %v", tc.line, err)
		case tc.code != 0 && (!errors.As(err, &exit) || exit.Code != tc.code || exit.Signal != tc.signal || exit.Host != "127.0.0.1" || exit.Line != tc.line):
			t.Errorf("%q: %#v", tc.line, err)
		case tc.code == 0 && (res.Stdout != tc.stdout || res.Stderr != tc.stderr),
			tc.code != 0 && exit.Stderr != tc.stderr:
			t.Errorf("%q: %q %q", tc.line, res.Stdout, res.Stderr)
		}
	}
}

// The login shell parses the line in the login folder, whatever stands before it.
func TestRunPlace(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	res, err := c.Run(t.Context(), run.Cmd{Line: `pwd; echo "$PWD" ~; echo $0; set | grep -c ^HWDEPLOY`})
	home, herr := os.UserHomeDir()
	if herr != nil {
		t.Fatal(herr)
	}
	var exit *run.ExitError
	if !errors.As(err, &exit) || exit.Code != 1 { // grep found nothing
		t.Fatal(err)
	}
	lines := strings.Split(res.Stdout, "\n")
	if lines[0] != home || lines[1] != home+" "+home {
		t.Errorf("%q", lines)
	}
}

func TestStdinWhole(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	big := bytes.Repeat([]byte("0123456789abcdef"), 300_000)
	res, err := c.Run(t.Context(), run.Cmd{Line: "sha256sum; echo done >&2", Stdin: bytes.NewReader(big)})
	if want := fmt.Sprintf("%x", sha256.Sum256(big)); err != nil || !strings.HasPrefix(res.Stdout, want) || res.Stderr != "done\n" {
		t.Fatal(res, err)
	}
	var out bytes.Buffer
	if _, err := c.Run(t.Context(), run.Cmd{Line: "cat", Stdin: bytes.NewReader(big), Stdout: &out, Stream: true}); err != nil || !bytes.Equal(out.Bytes(), big) {
		t.Fatal(out.Len(), err)
	}
	// A command that does not read to the end decides by its status.
	if _, err := c.Run(t.Context(), run.Cmd{Line: "head -c 1 >/dev/null", Stdin: bytes.NewReader(big)}); err != nil {
		t.Fatal(err)
	}
}

// An input that breaks must not look like one that ended.
func TestStdinBreaks(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	cause := errors.New("disk gone")
	in := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(cause))
	res, err := c.Run(t.Context(), run.Cmd{Line: "cat; echo whole", Stdin: in})
	if !errors.Is(err, cause) || strings.Contains(res.Stdout, "whole") {
		t.Fatal(res, err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestOutputCannotBeWritten(t *testing.T) {
	c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
	_, err := c.Run(t.Context(), run.Cmd{Line: "yes", Stdout: fullDisk{}, Stream: true})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Fatal(err)
	}
	_, err = c.Run(t.Context(), run.Cmd{Line: "echo x >&2; sleep 100", Stderr: fullDisk{}})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Fatal(err)
	}
}

// running counts processes of this machine whose command line has word in it.
func running(word string) int {
	out, err := exec.Command("pgrep", "-fc", word).Output()
	var n int
	if _, serr := fmt.Sscan(string(out), &n); serr != nil {
		panic(errors.Join(err, serr))
	}
	return n
}

func TestCancelEndsTheProcess(t *testing.T) {
	for _, tc := range []struct{ name, line string }{
		{"plain", "sleep 10%d1"},
		{"child of the shell", "sleep 10%d2; true"},
		{"pipeline", "sleep 10%d3 | cat"},
		{"ignores TERM", "trap '' TERM; sleep 10%d4; sleep 10%d4"},
		{"background", "sleep 10%d5 & wait"},
		{"answers TERM with 0", "trap 'exit 0' TERM; sleep 10%d6 & wait"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := dial(t, options(t, sshtest.StartSSHD(t)), "127.0.0.1")
			unique := os.Getpid() % 10000
			line := strings.ReplaceAll(tc.line, "%d", fmt.Sprint(unique))
			word := "sleep 10" + fmt.Sprint(unique)
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("the user pressed Ctrl-C")
			go func() {
				sshtest.WaitFor(t, "the command to run", func() bool { return running("^"+word) > 0 })
				cancel(cause)
			}()
			_, err := c.Run(ctx, run.Cmd{Line: line})
			if !errors.Is(err, cause) {
				t.Fatal(err)
			}
			if n := running("^" + word); n != 0 {
				t.Errorf("%d processes left after Run returned", n)
			}
		})
	}
}

// 1,000 commands, 100 of them cancelled: nothing is left on either side.
func TestNoLeaks(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := sshtest.StartSSHD(t, "MaxSessions 10")
	c := dialAndClose(t, s, func(ctx context.Context, r run.Runner) {
		word := fmt.Sprintf("77%d", os.Getpid())
		var wg sync.WaitGroup
		jobs := make(chan int)
		for range 16 {
			wg.Go(func() {
				for i := range jobs {
					one(ctx, t, r, i, word)
				}
			})
		}
		for i := range 1000 {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
		if n := running("^sleep " + word); n != 0 {
			t.Errorf("%d remote processes left", n)
		}
	})
	if _, err := c.Run(t.Context(), run.Cmd{Line: "true"}); !errors.Is(err, sshexec.ErrLost) {
		t.Errorf("closed, but Run says %v", err)
	}
	goleak.VerifyNone(t, leaks)
}

// one runs the i-th command; each tenth is cancelled, at different moments.
func one(ctx context.Context, t *testing.T, r run.Runner, i int, word string) {
	if i%10 != 0 {
		res, err := r.Run(ctx, run.Cmd{Line: fmt.Sprintf("echo %d", i)})
		if err != nil || res.Stdout != fmt.Sprintf("%d\n", i) {
			t.Errorf("%d: %v %v", i, res, err)
		}
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(i%100)*time.Millisecond)
	defer cancel()
	if _, err := r.Run(ctx, run.Cmd{Line: "sleep " + word}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d: %v", i, err)
	}
}
