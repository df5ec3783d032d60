package facts_test

import (
	"path/filepath"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/facts/casefile"
)

// testCase is one worked case of testdata/config-cases.md.
type testCase struct{ casefile.Case }

type flags = casefile.Invoke

// row is one row of the table of aliases.
type row struct{ casefile.Row }

// readCases reads the whole document; what it can't read fails the test.
func readCases(t *testing.T) (cases []testCase, rows []row) {
	t.Helper()
	doc, err := casefile.Read("testdata/config-cases.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range doc.Cases {
		cases = append(cases, testCase{c})
	}
	for _, r := range doc.Rows {
		rows = append(rows, row{r})
	}
	return cases, rows
}

// write puts the files into a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := casefile.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}
