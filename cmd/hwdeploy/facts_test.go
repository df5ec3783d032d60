package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/facts/casefile"
	"github.com/warmlyyours/hwdeploy/internal/secret"
)

const casesFile = "../../internal/facts/testdata/config-cases.md"

// ours are the facts in which hwdeploy differs from Kamal on purpose.
var ours = map[string]string{
	"C114 secret[LOST]": `"pa$word"`, // a dollar in a command's output is no variable
}

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

func (o outcome) all() string { return o.stdout + o.stderr }

// project is a folder with files in which command lines run.
type project struct {
	t   *testing.T
	dir string
	env []string
}

func newProject(t *testing.T, files map[string]string, env ...string) project {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := casefile.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	return project{t, dir, env}
}

// run is the whole command line, in process.
func (p project) run(args ...string) outcome {
	return p.runAs(append([]string{"hwdeploy"}, args...)...)
}

func (p project) runAs(argv ...string) outcome {
	var stdout, stderr bytes.Buffer
	r := secret.NewRedactor()
	a := &app{
		stdin: strings.NewReader(""), stdout: r.Writer(&stdout), stderr: r.Writer(&stderr), open: &stdout,
		environ: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir}, p.env...),
		dir:     p.dir, home: p.dir, now: time.Now, redactor: r,
	}
	code := a.run(p.t.Context(), argv)
	return outcome{code, stdout.String(), stderr.String()}
}

// TestEveryCase runs `config --facts` on the files of every worked case: each
// fact by its name, and all of them at once.
func TestEveryCase(t *testing.T) {
	doc, err := casefile.Read(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, c := range doc.Cases {
		t.Run(c.ID, func(t *testing.T) { checked += checkCase(t, c) })
	}
	t.Logf("%d cases, %d facts through the command line", len(doc.Cases), checked)
	if len(doc.Cases) != 101 || checked != 295 {
		t.Errorf("only %d cases with %d facts were checked", len(doc.Cases), checked)
	}
}

func checkCase(t *testing.T, c casefile.Case) (checked int) {
	p, exit := newProject(t, c.Files, c.Invoke.Env...), exitCodeOf(c)
	everything := p.run(command(c.Invoke)...)
	if want := exitCodeOfAll(c); len(c.Files) > 0 && everything.code != want && !(slices.ContainsFunc(c.Facts, crash) && strings.Contains(everything.stderr, "warning: ")) {
		t.Errorf("exit %d, want %d\n%s", everything.code, want, everything.all())
	}
	for _, f := range c.Facts {
		f.Value = strings.ReplaceAll(f.Value, "<cwd>", p.dir)
		if w, ok := ours[c.ID+" "+f.Key]; ok {
			f.Value = w
		}
		check(t, p.run(append(command(c.Invoke), "--fact", f.Key)...), f, exit)
		checkAmongAll(t, p, c, everything, f)
		checked++
	}
	return checked
}

// exitCodeOf is 3 for a case whose configuration does not load.
func exitCodeOf(c casefile.Case) int {
	for _, f := range c.Facts {
		if f.Key == "load" && strings.HasPrefix(f.Value, "error: ") && !crash(f) {
			return 3
		}
	}
	return 0
}

// exitCodeOfAll is 3 as well when a fact can't be resolved, unless it is for want
// of any secrets file.
func exitCodeOfAll(c casefile.Case) int {
	for _, f := range c.Facts {
		if strings.HasPrefix(f.Value, "error: ") && !strings.Contains(f.Value, "no secret files") {
			return 3
		}
	}
	return 0
}

// command is the command line of a case.
func command(i casefile.Invoke) []string {
	args := []string{"config", "--facts", "--show-secrets"}
	if i.Destination != "" {
		args = append(args, "-d", i.Destination)
	}
	if i.File != "" {
		args = append(args, "-c", i.File)
	}
	switch {
	case i.Version != "":
		args = append(args, "--version", i.Version)
	case !i.NoVersion:
		args = append(args, "--version", "v1")
	}
	return args
}

// crash tells whether Kamal crashes at a fact, or its YAML library refuses.
func crash(f casefile.Fact) bool {
	return strings.HasPrefix(f.Value, "error: crash (") || strings.HasPrefix(f.Value, "error: YAML (")
}

// check holds what `--fact` printed against what it must be: a mistake ends in
// exit 3 with the text; what makes Kamal crash ends so too, or in a warning.
func check(t *testing.T, got outcome, f casefile.Fact, exit int) {
	t.Helper()
	failure, failed := strings.CutPrefix(f.Value, "error: ")
	_, text, _ := strings.Cut(failure, ": ")
	line := f.Key + " = " + f.Value + "\n"
	switch {
	case crash(f):
		if got.stderr == "" || got.code != 3 && !strings.Contains(got.stderr, "warning: ") {
			t.Errorf("%s: exit %d in silence\n%s", f.Key, got.code, got.all())
		}
	case failed:
		if got.code != 3 || !strings.Contains(got.stderr, text) || got.stdout != line {
			t.Errorf("%s: exit %d, want 3 with %q\n%s", f.Key, got.code, text, got.all())
		}
	case got.stdout != line || got.code != exit:
		t.Errorf("exit %d, want %d\n got %s\nwant %s\n%s", got.code, exit, got.stdout, line, got.stderr)
	}
}

// checkAmongAll looks for the fact among all that are printed unasked. Encodings
// are printed only on demand; the subject of a selection is said by flags.
func checkAmongAll(t *testing.T, p project, c casefile.Case, everything outcome, f casefile.Fact) {
	t.Helper()
	name, subject, _ := strings.Cut(strings.TrimSuffix(f.Key, "]"), "[")
	if slices.Contains([]string{"esc", "argumentize", "optionize", "envline", "shellescape"}, name) || crash(f) {
		return
	}
	if strings.HasPrefix(name, "sel.") && subject != "" {
		everything = p.run(append(command(c.Invoke), filters(subject)...)...)
	}
	if !slices.Contains(strings.Split(everything.stdout, "\n"), f.Key+" = "+f.Value) {
		t.Errorf("%s = %s is not among all facts\n%s", f.Key, f.Value, everything.all())
	}
}

// filters are the flags that a selection's subject stands for.
func filters(subject string) (flags []string) {
	for part := range strings.FieldsSeq(subject) {
		if name, list, ok := strings.Cut(part, "="); ok {
			flags = append(flags, "--"+name, list)
		} else {
			flags = append(flags, part)
		}
	}
	return flags
}
