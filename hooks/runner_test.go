package hooks

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

func runner(t *testing.T, name, script string, mode os.FileMode) *Runner {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "hooks"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "hooks", name)
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
	r := &Runner{Dir: dir, Path: "hooks", Environ: []string{"PATH=" + os.Getenv("PATH"), "INHERITED=yes"}, Local: run.Local{}}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func collect(lines *[]string) func(string, string) {
	return func(stream, line string) { *lines = append(*lines, stream+": "+line) }
}

func TestAHookSeesItsEnvironmentAndStreamsItsLines(t *testing.T) {
	r := runner(t, "pre-deploy", `echo "$INHERITED $KAMAL_VERSION $TOKEN"; echo low >&2; pwd`, 0o700)
	var lines []string
	err := r.Run(t.Context(), "pre-deploy", []string{"KAMAL_VERSION=v1"}, []Secret{{"TOKEN", secret.New("s3")}}, collect(&lines))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"stdout: yes v1 s3", "stderr: low", "stdout: " + r.Dir} {
		if !slices.Contains(lines, want) {
			t.Errorf("lacks %q: %q", want, lines)
		}
	}
}

func TestAMissingHookIsSilentSuccess(t *testing.T) {
	r := runner(t, "pre-deploy", "exit 1", 0o700)
	if err := r.Run(t.Context(), "post-deploy", nil, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestAFailedHookShowsStatusAndStreams(t *testing.T) {
	r := runner(t, "pre-deploy", "echo out; echo err >&2; exit 3", 0o700)
	var lines []string
	err := r.Run(t.Context(), "pre-deploy", nil, nil, collect(&lines))
	want := "Hook `pre-deploy` failed:\nhooks/pre-deploy exit status: 3\nhooks/pre-deploy stdout: out\nhooks/pre-deploy stderr: err"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAHookThatIsNoProgramFails(t *testing.T) {
	r := runner(t, "pre-deploy", "true", 0o600)
	err := r.Run(t.Context(), "pre-deploy", nil, nil, func(string, string) {})
	var hook *Error
	if !errors.As(err, &hook) || hook.Exit.Code != 126 || !strings.Contains(hook.Hints()[0], "chmod +x") {
		t.Errorf("got %v", err)
	}
}

func TestKamalOnTheHooksPathIsThisProgram(t *testing.T) {
	r := runner(t, "pre-deploy", "command -v kamal; readlink $(command -v kamal)", 0o700)
	r.Program = "/bin/true"
	var lines []string
	if err := r.Run(t.Context(), "pre-deploy", nil, nil, collect(&lines)); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[1] != "stdout: /bin/true" {
		t.Errorf("got %q", lines)
	}
}

// hooks_path may be absolute, or the project's own folder.
func TestAFolderOfHooksMayStandAnywhere(t *testing.T) {
	r := runner(t, "pre-deploy", "pwd", 0o700)
	folder := filepath.Join(r.Dir, "hooks")
	for _, at := range [][2]string{{t.TempDir(), folder}, {folder, "."}, {folder, "../hooks/"}} {
		var lines []string
		r.Dir, r.Path = at[0], at[1]
		if err := r.Run(t.Context(), "pre-deploy", nil, nil, collect(&lines)); err != nil || !slices.Equal(lines, []string{"stdout: " + at[0]}) {
			t.Errorf("%s in %s: %q, %v", at[1], at[0], lines, err)
		}
	}
}

// A hook that asks a host by `kamal …` would else begin itself again, without end.
func TestPreConnectDoesNotRunWithinItself(t *testing.T) {
	r := runner(t, "pre-connect", "env", 0o700)
	var lines []string
	if err := r.Run(t.Context(), "pre-connect", nil, nil, collect(&lines)); err != nil {
		t.Fatal(err)
	}
	within := *r
	for _, l := range lines {
		within.Environ = append(within.Environ, strings.TrimPrefix(l, "stdout: "))
	}
	if !r.Exists("pre-connect") || within.Exists("pre-connect") {
		t.Errorf("outside %v, within %v", r.Exists("pre-connect"), within.Exists("pre-connect"))
	}

	other := runner(t, "pre-deploy", "true", 0o700)
	other.Environ = within.Environ
	if !other.Exists("pre-deploy") {
		t.Error("another hook does not run within it")
	}
}

func TestAHookThatCannotStartSaysWhatToLookAt(t *testing.T) {
	for script, want := range map[string]string{
		"#!/bin/sh\r\ntrue\r\n":   "Windows line endings",
		"#!/no/such/program\n":    "its first line names a program that is not there",
		"#!/bin/sh\nkill -9 $$\n": "ended by signal KILL",
	} {
		r := runner(t, "pre-build", "", 0o700)
		if err := os.WriteFile(r.file("pre-build"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		err := r.Run(t.Context(), "pre-build", nil, nil, func(string, string) {})
		var failed *Error
		if !errors.As(err, &failed) || !strings.Contains(err.Error()+strings.Join(failed.Hints(), ""), want) {
			t.Errorf("%q: %v", script, err)
		}
	}
}
