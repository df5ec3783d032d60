package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/facts/casefile"
)

// differ are the rows in which our exit code or text is not Kamal's: unknown
// words are usage errors, and -h is help.
var differ = map[string]outcome{
	"L6":  {code: 2, stderr: "see: hwdeploy version --help"},
	"L8":  {code: 2, stderr: `Could not find command "my_alias".`},
	"L10": {code: 2, stderr: "Ambiguous command a matches [accessory, app, audit]"},
	"L11": {code: 2, stderr: `Could not find command "zz".`},
	"L15": {code: 3, stderr: "You must specify a destination"},
	"L18": {code: 2, stderr: `Could not find command "nosuch".`},
	"L19": {code: 2, stderr: "--hosts nomatch"},
}

// TestAliasRows types every row of the table of aliases.
func TestAliasRows(t *testing.T) {
	doc, err := casefile.Read(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range doc.Rows {
		t.Run(r.ID, func(t *testing.T) { checkRow(t, r) })
	}
	t.Logf("%d rows", len(doc.Rows))
	if len(doc.Rows) != 19 {
		t.Errorf("%d rows were read", len(doc.Rows))
	}
}

func checkRow(t *testing.T, r casefile.Row) {
	words := strings.Fields(r.Line())
	if r.ID == "L9" {
		words = append(words, "--help") // the command itself asks hosts
	}
	got := newProject(t, r.Files(), r.Env()...).run(words...)
	if want, ok := differ[r.ID]; ok {
		if got.code != want.code || !strings.Contains(got.stderr, want.stderr) || got.stdout != "" {
			t.Errorf("%s: exit %d, want %d with %q\n%s", r.Line(), got.code, want.code, want.stderr, got.all())
		}
		return
	}
	if want := printed(t, r); got.code != 0 || !regexp.MustCompile(want).MatchString(got.stdout) {
		t.Errorf("%s: exit %d, want 0 with %s\n%s", r.Line(), got.code, want, got.all())
	}
}

// printed is what the command that a row ends in prints, as an expression.
func printed(t *testing.T, r casefile.Row) string {
	t.Helper()
	said := casefile.Ticked(r.Result)
	switch {
	case r.ID == "L9":
		return "hwdeploy details \\[flags\\]"
	case strings.HasPrefix(r.Result, "→") && len(said) == 2:
		return "(?m)^:version: " + said[1] + "$"
	case r.Result == "→ `version`", strings.HasPrefix(r.Result, "→ `version`:"):
		return "^" + regexp.QuoteMeta(version()) + "\n$"
	case strings.HasPrefix(r.Result, "version "):
		return "(?m)^:version: " + regexp.QuoteMeta(said[0]) + "$"
	case strings.HasPrefix(r.Result, "service_with_version "):
		return "(?m)^:service_with_version: " + said[0] + "$"
	}
	t.Fatalf("the result of %s is not understood: %s", r.ID, r.Result)
	return ""
}

// Filters are applied before every command, and -h is hosts for who calls by
// Kamal's name.
func TestFiltersFirst(t *testing.T) {
	files := casefile.Row{}.Files()
	for _, c := range []struct {
		argv   []string
		code   int
		stderr string
	}{
		{[]string{"hwdeploy", "version", "--hosts", "nomatch"}, 3, "No --hosts match for nomatch"},
		{[]string{"hwdeploy", "version", "--roles", "nomatch"}, 3, "No --roles match for nomatch"},
		{[]string{"kamal", "version", "-h", "nomatch"}, 3, "No --hosts match for nomatch"},
		{[]string{"/some/where/kamal", "version", "-h", "192.0.2.10"}, 0, ""},
		{[]string{"hwdeploy", "version", "-h", "192.0.2.10"}, 2, "to select hosts write --hosts 192.0.2.10"},
		{[]string{"kamal", "stage"}, 2, `Could not find command "stage".`}, // no destination
	} {
		got := newProject(t, files).runAs(c.argv...)
		if got.code != c.code || !strings.Contains(got.stderr, c.stderr) {
			t.Errorf("%v: exit %d, want %d with %q\n%s", c.argv, got.code, c.code, c.stderr, got.all())
		}
	}
}

// An alias may not bring in -h with a value either: it would print help and do
// nothing.
func TestHostsFlagWithinAnAlias(t *testing.T) {
	files := casefile.Row{}.Files()
	files["config/deploy.yml"] += "aliases: {who: app version -h 192.0.2.10}\n"
	got := newProject(t, files).run("who")
	if got.code != 2 || !strings.Contains(got.stderr, "--hosts 192.0.2.10") {
		t.Errorf("exit %d\n%s", got.code, got.all())
	}
}
