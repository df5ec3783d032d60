package bundle_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/edge/bundle"
	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

const config = `
name = "www-edge"
main = "src/index.ts"
compatibility_date = 2026-01-31
`

var sources = map[string]string{
	"src/index.ts": `
import page from "./page.html";
import table from "../data/table.json";
import { WorkerEntrypoint } from "cloudflare:workers";
import { pick, Mode } from "./lib/pick";
export class Named extends WorkerEntrypoint {}
export default {
  async fetch(request: Request): Promise<Response> {
    const mode = pick(new URL(request.url), table) satisfies Mode;
    return mode === Mode.Page ? new Response(page) : fetch(request);
  },
};
`,
	"src/lib/pick.ts": `
export enum Mode { Page = "page", Pass = "pass" }
export const pick = (u: URL, t: Record<string, boolean>) => (t[u.pathname] ? Mode.Page : Mode.Pass);
if (process.env.NODE_ENV !== "production") console.log("never");
`,
	"data/table.json": `{"/": true}`,
	"src/page.html":   "<h1>edge</h1>\n",
}

func write(t *testing.T, files map[string]string) *wrangler.Worker {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := wrangler.Parse(filepath.Join(dir, "wrangler.toml"), []byte(config), wrangler.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The same sources in two folders give the same bytes, and again.
func TestASecondBuildIsByteIdentical(t *testing.T) {
	here, there := write(t, sources), write(t, sources)
	first := build(t, here)
	for range 3 {
		for _, w := range []*wrangler.Worker{here, there} {
			again := build(t, w)
			if len(again.Modules) != len(first.Modules) {
				t.Fatalf("%d modules, then %d", len(first.Modules), len(again.Modules))
			}
			for i, m := range again.Modules {
				if f := first.Modules[i]; m.Name != f.Name || m.Type != f.Type || !bytes.Equal(m.Data, f.Data) {
					t.Errorf("module %s differs:\n%s\n---\n%s", m.Name, f.Data, m.Data)
				}
			}
		}
	}
}

func build(t *testing.T, w *wrangler.Worker) bundle.Script {
	t.Helper()
	s, err := bundle.Build(w)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsBundledAndWhatIsNot(t *testing.T) {
	s := build(t, write(t, sources))
	text := string(s.Modules[0].Data)
	if s.Main() != "index.js" || s.Modules[0].Type != "application/javascript+module" {
		t.Errorf("main is %s, %s", s.Main(), s.Modules[0].Type)
	}
	for _, want := range []string{`from "cloudflare:workers"`, `"/": true`, `"page"`, "Named"} {
		if !strings.Contains(text, want) {
			t.Errorf("the script lacks %s:\n%s", want, text)
		}
	}
	for _, not := range []string{"satisfies", "process.env", "<h1>"} {
		if strings.Contains(text, not) {
			t.Errorf("the script has %s:\n%s", not, text)
		}
	}
	if len(s.Modules) != 2 {
		t.Fatalf("%d modules", len(s.Modules))
	}
	page := s.Modules[1]
	if page.Type != "text/plain" || string(page.Data) != "<h1>edge</h1>\n" || !strings.HasSuffix(page.Name, "-page.html") || !strings.Contains(text, `from "`+page.Name+`"`) {
		t.Errorf("the page is %s, %s", page.Name, page.Type)
	}
}

func TestMistakesHaveTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"syntax":         {"src/index.ts", "export default {\n  fetch( {\n", "src/index.ts:3: "},
		"missing import": {"src/lib/pick.ts", "\nimport \"./gone\"\nexport enum Mode {}\nexport const pick = 1", "src/lib/pick.ts:2: Could not resolve"},
		"missing text":   {"src/index.ts", "import a from './gone.html'\nexport default {a}", "src/index.ts:1: Could not resolve"},
		"service worker": {"src/index.ts", "addEventListener('fetch', () => {})", "src/index.ts: there is no default export"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(sources)
			files[c.file] = c.text
			if _, err := bundle.Build(write(t, files)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, wanted %s", err, c.want)
			}
		})
	}
}

func TestWarningsHaveTheirPlace(t *testing.T) {
	files := maps.Clone(sources)
	files["src/lib/pick.ts"] += "if (typeof pick == \"nope\") throw pick;\n"
	s := build(t, write(t, files))
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "src/lib/pick.ts:5: ") {
		t.Errorf("warnings %q", s.Warnings)
	}
}
