package hooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runSourcemaps executes the argv as a container would, with its log and /tmp elsewhere.
func runSourcemaps(t *testing.T, dir, command string) string {
	t.Helper()
	argv := Sourcemaps(command, "v1")
	argv[2] = strings.NewReplacer("/proc/1/fd/1", filepath.Join(dir, "log"), "/tmp/", dir+"/").Replace(argv[2])
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "KEY=k3y"}
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v, and it prints: %s", err, out)
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}

func TestSourcemapsLogToTheContainer(t *testing.T) {
	dir := t.TempDir()
	got := runSourcemaps(t, dir, `echo one; echo "two $KEY" >&2; printf 'no end'; exit 3`)
	want := "[sourcemaps] v1: begins\n[sourcemaps] one\n[sourcemaps] two k3y\n[sourcemaps] no endfailed with status 3\n[sourcemaps] v1: not done\n"
	if got != want {
		t.Errorf("got %q", got)
	}
	if got := runSourcemaps(t, dir, "echo three"); got != want+"[sourcemaps] v1: begins\n[sourcemaps] three\n[sourcemaps] v1: done\n" {
		t.Errorf("again, after a failure: %q", got)
	}
	if got := runSourcemaps(t, dir, "echo four"); !strings.HasSuffix(got, "v1: done\n[sourcemaps] v1: uploaded before\n") {
		t.Errorf("again, after a success: %q", got)
	}
}

func TestSourcemapsLogToAFileWhereTheyMust(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "log"), 0o700); err != nil { // not writable as a file
		t.Fatal(err)
	}
	argv := Sourcemaps("echo one", "v1")
	argv[2] = strings.NewReplacer("/proc/1/fd/1", filepath.Join(dir, "log"), "/tmp/", dir+"/").Replace(argv[2])
	if out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v, and it prints: %s", err, out)
	}
	log, err := os.ReadFile(filepath.Join(dir, "hwdeploy-sourcemaps-v1.log"))
	if err != nil || !strings.Contains(string(log), "[sourcemaps] one\n[sourcemaps] v1: done\n") {
		t.Errorf("%q, %v", log, err)
	}
}
