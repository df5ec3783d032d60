package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run this program itself, by both of its names.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hwdeploy": main, "kamal": main})
}

// TestScripts runs testdata/*.txtar; each is a command line, what it printed, its
// exit code, and what must not be there afterwards.
//
// Commands of ours: `exits CODE PROGRAM ARG...` runs a program that ends with that
// code; `json FILE...` wants each to be one JSON value; `events FILE CODE` wants
// the lines of a run's events, closed by one run.done with that exit code;
// `cloudflare` is described at standIn.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Setup: setup, RequireUniqueNames: true, RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "json": jsonValue, "events": events, "cloudflare": standIn,
		},
	})
}

// setup gives a script a home, a git identity of its own, a port at which nobody
// listens ($CLOSED) and the version of this build ($VERSION_TEXT).
func setup(e *testscript.Env) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	if err := l.Close(); err != nil {
		return err
	}
	home := filepath.Join(e.WorkDir, "home")
	e.Setenv("HOME", home)
	e.Setenv("CLOSED", port)
	e.Setenv("VERSION_TEXT", version())
	for _, kv := range []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	} {
		k, v, _ := strings.Cut(kv, "=")
		e.Setenv(k, v)
	}
	return os.MkdirAll(home, 0o700)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	begin := time.Now()
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	code := 0
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit %d, want %d\n%s%s", code, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
	if took := time.Since(begin); took > 20*time.Second {
		ts.Fatalf("it took %s", took)
	}
}

func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		if ok := json.Valid([]byte(ts.ReadFile(name))); ok == neg {
			ts.Fatalf("%s: valid JSON: %v", name, ok)
		}
	}
}

func events(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: events FILE CODE")
	}
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n")
	for i, line := range lines {
		var e struct {
			V, Seq int
			Time   time.Time
			Type   string
			Result *struct {
				Code  *int `json:"exit_code"`
				Error string
			}
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.V != 1 || e.Seq != i+1 || e.Time.IsZero() {
			ts.Fatalf("line %d is no event (%v): %s", i+1, err, line)
		}
		if last := i == len(lines)-1; (e.Type == "run.done") != last || (e.Result != nil) != last {
			ts.Fatalf("line %d of %d: run.done must come last, and only then: %s", i+1, len(lines), line)
		}
		if e.Result != nil && (e.Result.Code == nil || strconv.Itoa(*e.Result.Code) != args[1] || (*e.Result.Code != 0) != (e.Result.Error != "")) {
			ts.Fatalf("want exit code %s and an error with any but 0: %s", args[1], line)
		}
	}
}
