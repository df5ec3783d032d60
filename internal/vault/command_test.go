package vault_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

func TestMissingPrograms(t *testing.T) {
	for _, c := range []struct{ in, program string }{
		{"A=1\nB=$(nosuch-op read x)", "nosuch-op"},
		{"A=1\nB=$(nosuch-op read x | tr -d 'x')", "nosuch-op"},
		{"A=1\nB=$(echo x | nosuch-jq -r .x)", "nosuch-jq"},
		{"A=1\nB=$(./bin/nosuch x)", "./bin/nosuch"},
		{"A=1\nB=$(X=1 Y='a b' nosuch-op)", ""},
		{"A=1\nB=$(X=1 nosuch-op 2>&1)", "nosuch-op"},
		{"A=1\nB=$(cd . && nosuch-op)", ""},
		{"A=1\nB=$(bin/kamal secrets fetch -a test --account x Y | cat)", "bin/kamal"},
	} {
		_, err := vault.New(options(t, c.in)).All(t.Context())
		var e *vault.MissingProgramError
		if !errors.As(err, &e) || e.Program != c.program {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if c.program == "" {
			c.program = "nosuch-op"
		}
		if !strings.HasPrefix(err.Error(), ".kamal/secrets:2: B: ") || !strings.Contains(err.Error(), c.program) {
			t.Errorf("%s: %v", c.in, err)
		}
	}
}

// TestMissingProgramsThatAreHandled: where the line itself decides, it decides.
func TestMissingProgramsThatAreHandled(t *testing.T) {
	for in, want := range map[string]string{
		"A=$(nosuch-op 2>/dev/null || echo b)":                          "A=b\n",
		"A=$(if command -v nosuch-op; then nosuch-op; else echo b; fi)": "A=b\n",
		"A=$(cd /; echo b)":                              "A=b\n",
		"A=$(test -f x | cat; exit 3)":                   "A=\n",
		"A=$(echo 'a|nosuch' \"b|nosuch\" c\\\\|nosuch)": "A=a|nosuch b|nosuch c|nosuch\n",
	} {
		if got := facts(t, options(t, in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestCommandsSeeTheProject(t *testing.T) {
	o := options(t, "A=$(pwd)\nB=$(echo $OUTSIDE-$A)\nC=$(printenv OUTSIDE KAMAL_DESTINATION A)\nD=$(cat)\n")
	o.Destination = ""
	typed, err := os.Open(filepath.Join(project(t, map[string]string{"in": "typed\n"}), "in"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = typed.Close() })
	o.Stdin = typed
	o.Environ = append(o.Environ, "KAMAL_DESTINATION=old")
	dir, err := filepath.EvalSymlinks(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := facts(t, o), "A="+dir+"\nB=outer-"+dir+"\nC=outer\nD=typed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// recorder keeps the command lines that it runs.
type recorder struct{ lines []string }

func (r *recorder) Run(ctx context.Context, c run.Cmd) (run.Result, error) {
	r.lines = append(r.lines, c.Line)
	return run.Local{}.Run(ctx, c)
}

func TestSecretsAreInNoCommandLine(t *testing.T) {
	rec := &recorder{}
	o := options(t, "A='it'\\''s $x'\nB=top-secret\nC=$(echo \"$B\" | sed 's/^/x/')\nD=$(exit 9; echo $B)\nE=$(nosuch $B || nosuch)\n")
	o.Runner = rec
	_, err := vault.New(o).All(t.Context())
	if err == nil || strings.Contains(err.Error(), "top-secret") {
		t.Errorf("error %v", err)
	}
	if all := strings.Join(rec.lines, "\n"); len(rec.lines) != 3 || strings.Contains(all, "top-secret") {
		t.Errorf("lines %q", all)
	}
	o.Dir = options(t, "B='top secret'\nC=$(echo \"$B\" | sed 's/^/x/')\nD=$(printenv HWDEPLOY_LINE hwdeploy_line)$(echo $B >/dev/null; printenv HWDEPLOY_LINE hwdeploy_line)").Dir
	if got, want := facts(t, o), "B=top secret\nC=xtop secret\nD=\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestACommandIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := options(t, "A=$(echo x; [ -e seen ] || { touch seen; sleep 60; })\n")
	o.Runner = cancelling{cancel}
	v := vault.New(o)
	if _, err := v.Get(ctx, "A"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	write(t, o.Dir, "seen", "")
	if got, err := v.Get(t.Context(), "A"); err != nil || got.Reveal() != "x" {
		t.Errorf("the second try: %q, %v", got.Reveal(), err)
	}
}

type cancelling struct{ cancel func() }

func (c cancelling) Run(ctx context.Context, cmd run.Cmd) (run.Result, error) {
	c.cancel()
	return run.Local{}.Run(ctx, cmd)
}
