package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// What all scenarios share: one lab of three hosts and one binary.
var (
	theLab *lab.Lab
	binary string
	tools  string // a PATH that holds neither docker nor ruby nor ssh
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if flag.Lookup("test.list").Value.String() != "" {
		return m.Run() // which needs no lab
	}
	ctx, cancel := context.WithTimeout(context.Background(), 75*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "hwdeploy-e2e")
	if err == nil {
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
		err = setUp(ctx, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return m.Run()
}

func setUp(ctx context.Context, dir string) (err error) {
	if tools, err = makeTools(dir); err != nil {
		return err
	}
	binary = filepath.Join(dir, "hwdeploy")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "grpcnotrace", "-trimpath", "-o", binary, "../cmd/hwdeploy")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	name := "e2e" // another one lets two runs go on side by side
	if other := os.Getenv("HWDEPLOY_E2E_LAB"); other != "" {
		name = other
	}
	begin := time.Now()
	theLab, err = lab.Up(ctx, lab.Options{Name: name, Hosts: 3, Fresh: true, Hold: true})
	fmt.Fprintf(os.Stderr, "e2e: lab of 3 hosts up in %.1f s\n", time.Since(begin).Seconds())
	return err
}

// makeTools links the few programs that a deploy may use: git, and what git and
// hooks need. Nothing of Docker, Ruby or OpenSSH is among them.
func makeTools(dir string) (string, error) {
	path := filepath.Join(dir, "tools")
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", err
	}
	for _, name := range []string{"git", "sh", "env", "cat", "printf", "whoami", "id", "date", "mkdir", "sleep", "true", "false"} {
		at, err := exec.LookPath(name)
		if err != nil {
			return "", err
		}
		if err := os.Symlink(at, filepath.Join(path, name)); err != nil {
			return "", err
		}
	}
	return path, nil
}
