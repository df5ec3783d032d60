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
