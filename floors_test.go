// Package hwdeploy_test keeps the floors: who may import whom, how
// long files and functions may be, and what the release binary links.
package hwdeploy_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/warmlyyours/hwdeploy"

// allowed says which of our packages each package may import, beside those of
// its own subtree. "*" = all.
var allowed = map[string][]string{
	// floor 0: words shared by all
	"internal/event": {}, "internal/secret": {}, "internal/run": {"internal/secret"}, "internal/neterr": {},
	// floor 1
	"config":         {"internal/secret"},
	"internal/kamal": {}, // the contract is pure text
	// floor 2: one outside system each; adapters never import each other
	"sshexec": {"internal/run", "internal/secret"}, "registry": {"internal/neterr", "internal/secret"},
	"hooks": {"internal/run", "internal/secret"}, "assets": {"internal/neterr", "internal/secret"},
	"edge":            {"internal/neterr", "internal/secret"},
	"internal/docker": {"internal/secret"}, "internal/build": {"internal/secret"},
	"internal/otlp": {}, "internal/git": {"internal/run"}, "internal/vault": {"internal/run", "internal/secret"},
	// floor 3
	"internal/resolve": {"config", "internal/kamal"},
	"internal/plan":    {"config", "internal/kamal", "internal/event", "internal/resolve"},
	"internal/facts":   {"config", "internal/kamal", "internal/resolve", "internal/vault", "internal/secret", "internal/run"},
	"internal/deploy": {
		"config", "internal/kamal", "internal/resolve", "internal/plan", "internal/event", "internal/secret", "internal/run",
		"internal/docker", "internal/build", "registry", "hooks", "assets", // value types of floor 2
	},
	// floor 4 and 5
	"internal/ui":  {"internal/event", "internal/plan", "config", "internal/secret"},
	"cmd/hwdeploy": {"*"},
	// tests only
	"lab": {"internal/run", "internal/secret"}, "e2e": {"lab"}, "bench": {"lab"},
}

type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-tags", "grpcnotrace", "-json=ImportPath,Dir,GoFiles,Imports,Deps"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF { //nolint:errorlint // plain EOF
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// entry is the entry of the table that a package belongs to.
func entry(path string) string {
	best := ""
	for r := range allowed {
		if (path == r || strings.HasPrefix(path, r+"/")) && len(r) > len(best) {
			best = r
		}
	}
	return best
}

func TestFloors(t *testing.T) {
	used := map[string]bool{}
	for _, p := range list(t, "./...") {
		path := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if path == "" {
			continue
		}
		from := entry(path)
		if from == "" {
			t.Errorf("%s is on no floor: name it in the table with what it may import", path)
			continue
		}
		used[from] = true
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module+"/")
			if !ours || entry(to) == from {
				continue
			}
			if ok := allowed[from]; !slices.Contains(ok, "*") && !slices.Contains(ok, entry(to)) {
				t.Errorf("%s imports %s, which is not below it", path, to)
			}
		}
	}
	for r := range allowed {
		if !used[r] && r != "e2e" {
			t.Errorf("the table names %s, which does not exist", r)
		}
	}
}

func TestTheReleaseLinksNoTestPackages(t *testing.T) {
	for _, p := range list(t, "./cmd/hwdeploy") {
		for _, d := range p.Deps {
			for _, bad := range []string{module + "/lab", module + "/e2e", module + "/bench", module + "/sshexec/sshtest", "testing"} {
				if d == bad || strings.HasPrefix(d, bad+"/") {
					t.Errorf("the release links %s", d)
				}
			}
		}
	}
}

// sources calls f for every Go file of the project.
func sources(t *testing.T, f func(path string, fset *token.FileSet, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "dist") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		f(path, fset, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	sources(t, func(path string, fset *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		if n := fset.Position(file.End()).Line; n > 400 {
			t.Errorf("%s has %d lines, at most 400", path, n)
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > 80 {
					t.Errorf("%s: %s has %d lines, at most 80", path, fn.Name.Name, n)
				}
			}
		}
	})
}

// forbidden are calls with the places where they may stand.
var forbidden = []struct {
	call, why string
	ok        []string
}{
	{"time.Sleep", "a sleep can't be cancelled; wait on a timer and the context", []string{"sshexec/sshtest/"}},
	{"os.Exit", "only cmd ends the process", []string{"cmd/", "lab/", "bench/", "sshexec/sshtest/"}},
	{"os.Getenv", "only cmd reads the environment", []string{"cmd/", "lab/", "bench/", "sshexec/sshtest/"}},
	{"context.Background", "take the caller's context", []string{"cmd/", "lab/", "bench/", "sshexec/sshtest/"}},
	{"context.TODO", "take the caller's context", nil},
	{"fmt.Println", "only ui and cmd print", []string{"cmd/", "lab/", "bench/", "internal/ui/"}},
	{"fmt.Printf", "only ui and cmd print", []string{"cmd/", "lab/", "bench/", "internal/ui/"}},
}

func TestForbiddenCalls(t *testing.T) {
	sources(t, func(path string, fset *token.FileSet, file *ast.File) {
		test := strings.HasSuffix(path, "_test.go")
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := callName(call)
			if test {
				if strings.HasPrefix(name, "t.Skip") || strings.HasPrefix(name, "b.Skip") || strings.HasPrefix(name, "f.Skip") {
					t.Errorf("%s: nothing is skipped silently", fset.Position(call.Pos()))
				}
				return true
			}
			for _, f := range forbidden {
				if name == f.call && !startsWithAny(path, f.ok) {
					t.Errorf("%s: %s: %s", fset.Position(call.Pos()), f.call, f.why)
				}
			}
			return true
		})
	})
}

func callName(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); ok {
		return x.Name + "." + sel.Sel.Name
	}
	return ""
}

func startsWithAny(path string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
}

// maxModules caps what the binary links: raise it with a reason.
const maxModules = 140

func TestModulesStayCounted(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags", "grpcnotrace", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/hwdeploy")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Fields(string(out))
	sort.Strings(modules)
	if n := len(slices.Compact(modules)); n > maxModules {
		t.Errorf("the binary links %d modules, at most %d", n, maxModules)
	}
}
