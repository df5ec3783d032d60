// Package clitest makes fake command line programs for tests: shell scripts that
// know certain calls, answer them, and refuse everything else. It is for tests
// only.
package clitest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Call is one call that a program accepts.
type Call struct {
	// Args are the words after the program's name, exactly.
	Args []string
	// Env are variables, NAME=value, that must be set so.
	Env []string
	// Out is printed; Status is the exit status.
	Out    string
	Status int
	// Then is shell text that runs at the end, to change what comes next.
	Then string
}

// Programs is a folder of fakes.
type Programs struct {
	Dir string
	t   *testing.T
}

// New makes an empty folder, whose complaints fail the test at its end.
func New(t *testing.T) *Programs {
	t.Helper()
	p := &Programs{Dir: t.TempDir(), t: t}
	t.Cleanup(func() {
		if refused, err := os.ReadFile(filepath.Join(p.Dir, "refused")); err == nil {
			t.Errorf("calls that nobody expected:\n%s", refused)
		}
	})
	return p
}

// Add makes a program that accepts the calls, the first that fits. A call that
// fits none is noted and ends with status 97.
func (p *Programs) Add(name string, calls ...Call) {
	p.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\nargs=; for a in \"$@\"; do args=\"$args<$a>\"; done\nprintf '%%s %%s\\n' %s \"$args\" >>%s/calls\n", name, p.Dir)
	for i, c := range calls {
		fmt.Fprintf(&b, "if [ \"$args\" = %s ]", quote("<"+strings.Join(c.Args, "><")+">"))
		for _, kv := range c.Env {
			k, v, _ := strings.Cut(kv, "=")
			fmt.Fprintf(&b, " && [ \"$%s\" = %s ]", k, quote(v))
		}
		out := filepath.Join(p.Dir, fmt.Sprintf("%s.out%d", name, i))
		p.write(out, c.Out, 0o600)
		fmt.Fprintf(&b, "; then\n")
		fmt.Fprintf(&b, "cat %s\n%s\nexit %d\nfi\n", out, c.Then, c.Status)
	}
	fmt.Fprintf(&b, "printf '%%s %%s\\n' %s \"$args\" >>%s/refused\nexit 97\n", name, p.Dir)
	p.write(filepath.Join(p.Dir, name), b.String(), 0o700)
}

func (p *Programs) write(path, text string, mode os.FileMode) {
	p.t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		p.t.Fatal(err)
	}
}

// Calls gives the calls so far, `name <arg><arg>` a line.
func (p *Programs) Calls() string {
	b, err := os.ReadFile(filepath.Join(p.Dir, "calls"))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(b)
}

// Environ is an environment in which only the fakes and the system's own basic
// programs are found.
func (p *Programs) Environ(more ...string) []string {
	return append([]string{"PATH=" + p.Dir + ":/usr/bin:/bin", "HOME=" + p.Dir}, more...)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
