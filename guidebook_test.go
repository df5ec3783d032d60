package hwdeploy_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// promises are the rows that docs/guidebook.md must have: the sentences of the
// guidebook's steps, the rows of its table of flags, its command lines, and what
// it says of failures.
func promises() []string {
	var all []string
	for step, sentences := range []int{2, 3, 4, 5, 6, 3, 5, 3, 3} {
		for s := range sentences {
			all = append(all, fmt.Sprintf("%d.%d", step+1, s+1))
		}
	}
	for _, list := range []struct {
		letter string
		rows   int
	}{{"F", 11}, {"C", 17}, {"W", 5}} {
		for i := range list.rows {
			all = append(all, fmt.Sprintf("%s%d", list.letter, i+1))
		}
	}
	return all
}

var (
	row  = regexp.MustCompile(`^\| ([0-9FCW][0-9.]*) \| (.*) \|$`)
	name = regexp.MustCompile("`([a-z0-9/]+)\\.(Test[A-Za-z0-9]+)`")
)

func TestTheGuidebookIsShown(t *testing.T) {
	text, err := os.ReadFile("docs/guidebook.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		m := row.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		found = append(found, m[1])
		cells := strings.Split(m[2], " | ")
		if len(cells) != 3 || !name.MatchString(cells[2]) {
			t.Errorf("%s: what it promises, what hwdeploy does, and a test: %q", m[1], cells)
		}
	}
	if want := promises(); !slices.Equal(found, want) {
		t.Errorf("rows:\n%v\nwanted:\n%v", found, want)
	}
	tests := map[string]map[string]bool{}
	for _, m := range name.FindAllStringSubmatch(string(text), -1) {
		if tests[m[1]] == nil {
			tests[m[1]] = testsIn(t, m[1])
		}
		if !tests[m[1]][m[2]] {
			t.Errorf("%s has no %s", m[1], m[2])
		}
	}
}

// testsIn gives the tests that `make test` runs in a folder.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if tagged(f) {
			continue // by another command
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, "Test") {
				out[fn.Name.Name] = true
			}
		}
	}
	return out
}

// tagged tells whether a file is built on demand only.
func tagged(f *ast.File) bool {
	for _, g := range f.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//go:build") {
				return true
			}
		}
	}
	return false
}
