package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// prove collects which scenarios prove "app stop" or "app stop --roles": tests of
// e2e with a comment line `// proves: app stop --roles --hosts, --quiet`, and, for
// what touches no host, scripts of testdata with a line `# proves: …`. A command
// may have arguments; flags may be short; those without a command are of any.
func (l *listing) prove() {
	t := l.T
	t.Helper()
	note := func(scenario, line string) {
		for _, claim := range strings.Split(remark.ReplaceAllString(line, ""), ",") {
			items := l.items(strings.Fields(claim))
			if items == nil {
				t.Errorf("%s claims to prove %q, which is not there", scenario, strings.TrimSpace(claim))
			}
			for _, item := range items {
				if !slices.Contains(l.proofs[item], scenario) {
					l.proofs[item] = append(l.proofs[item], scenario)
				}
			}
		}
	}
	files, err := filepath.Glob("../../e2e/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				for line := range strings.Lines(fn.Doc.Text()) {
					if items, ok := strings.CutPrefix(line, "proves:"); ok {
						note(fn.Name.Name, items)
					}
				}
			}
		}
	}
	scripts(t, note)
}

// remark is what a claim may say beside, in brackets.
var remark = regexp.MustCompile(`\([^)]*\)`)

// items are the command and flags that a claim names; nil: there is no such thing.
func (l *listing) items(words []string) (out []string) {
	flags := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") })
	if flags < 0 {
		flags = len(words)
	}
	if len(words) > 0 && words[0] == anAlias {
		return []string{anAlias}
	}
	name := "*"
	c := l.find(strings.Join(words[:min(flags, 2)], " "))
	if c == nil && flags > 0 {
		c = l.find(words[0])
	}
	switch {
	case c != nil:
		name = l.name(c)
		out = append(out, name)
	case flags > 0:
		return nil
	}
	for _, w := range words[flags:] {
		f := l.anyFlag(c, w)
		if f == nil {
			return nil
		}
		out = append(out, name+" --"+f.Name)
	}
	return out
}

// anyFlag gives the flag that a word means, of a command or, nil, of any.
func (l *listing) anyFlag(c *cobra.Command, word string) *pflag.Flag {
	of := l.commands
	if c != nil {
		of = []*cobra.Command{c}
	}
	for _, c := range of {
		f := c.Flags().Lookup(strings.TrimPrefix(word, "--"))
		if len(word) == 2 {
			f = c.Flags().ShorthandLookup(word[1:])
		}
		if f != nil {
			return f
		}
	}
	return nil
}

func scripts(t *testing.T, note func(scenario, line string)) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if items, ok := strings.CutPrefix(line, "# proves:"); ok {
				note(filepath.Base(file), items)
			}
		}
	}
}
