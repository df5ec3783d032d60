package facts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testCase is one worked case of testdata/config-cases.md.
type testCase struct {
	id, title string
	files     map[string]string
	flags     flags
	facts     []expected
}

// flags are what stands behind "Invoke:".
type flags struct {
	file, destination, version string
	noVersion                  bool
	env                        []string
}

type expected struct{ key, value string }

// row is one row of the table of aliases.
type row struct{ id, aliases, words, result string }

const caseFile = "testdata/config-cases.md"

// readCases reads the whole document; what it can't read fails the test.
func readCases(t *testing.T) (cases []testCase, rows []row) {
	t.Helper()
	text, err := os.ReadFile(caseFile)
	if err != nil {
		t.Fatal(err)
	}
	base := yamlBase(t, string(text))
	heading := regexp.MustCompile(`(?m)^### (C\d+) (.*)$`)
	starts := heading.FindAllStringSubmatchIndex(string(text), -1)
	for i, m := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		c := testCase{id: string(text[m[2]:m[3]]), title: string(text[m[4]:m[5]])}
		c.read(t, string(text[m[1]:end]), base)
		cases = append(cases, c)
	}
	line := regexp.MustCompile(`(?m)^\| (L\d+) \| (.*?) \| (.*?) \| (.*?) \|$`)
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, row{m[1], m[2], m[3], m[4]})
	}
	if n := strings.Count(string(text), "\n```facts\n"); n != len(cases) {
		t.Errorf("%d blocks of facts, %d cases were read", n, len(cases))
	}
	return cases, rows
}

// yamlBase is the block of lines that `(+base)` puts in front.
func yamlBase(t *testing.T, text string) string {
	t.Helper()
	m := regexp.MustCompile("(?s)```yaml\n(.*?)\n  ```").FindStringSubmatch(text)
	if m == nil {
		t.Fatal("the base lines were not found")
	}
	return strings.ReplaceAll(strings.TrimPrefix(m[1], "  ")+"\n", "\n  ", "\n")
}

func (c *testCase) read(t *testing.T, body, base string) {
	t.Helper()
	c.files = map[string]string{}
	block := regexp.MustCompile("(?ms)^`([^`\n]+)`( \\(\\+base\\))?:\n```\\w*\n(.*?)^```$")
	for _, m := range block.FindAllStringSubmatch(body, -1) {
		content := m[3]
		if m[2] != "" {
			content = baseFor(base, content) + content
		}
		c.files[m[1]] = content
	}
	if m := regexp.MustCompile(`(?m)^Invoke: (.*)$`).FindStringSubmatch(body); m != nil {
		c.invoke(t, m[1])
	}
	m := regexp.MustCompile("(?ms)^```facts\n(.*?)^```$").FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("%s has no facts", c.id)
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(m[1], "\n"), "\n") {
		key, value, ok := cutFact(l)
		if !ok {
			t.Fatalf("%s: no fact: %s", c.id, l)
		}
		c.facts = append(c.facts, expected{key, value})
	}
}

// cutFact cuts at the first equals sign behind the subject, in which there may be
// brackets and equals signs.
func cutFact(line string) (key, value string, ok bool) {
	m := regexp.MustCompile(`^([a-z_.]+(?:\[.*?\])?) = (.*)$`).FindStringSubmatch(line)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// baseFor leaves out the keys that the case sets itself.
func baseFor(base, content string) string {
	var out strings.Builder
	for l := range strings.Lines(base) {
		key, _, _ := strings.Cut(l, ":")
		if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(content) {
			out.WriteString(l)
		}
	}
	return out.String()
}

func (c *testCase) invoke(t *testing.T, text string) {
	t.Helper()
	c.flags.noVersion = strings.Contains(text, "no version")
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		word, value, _ := strings.Cut(m[1], " ")
		switch word {
		case "-d":
			c.flags.destination = value
		case "-c":
			c.flags.file = value
		case "--version":
			c.flags.version = value
		case "env":
			c.flags.env = append(c.flags.env, value)
		default:
			t.Fatalf("%s: Invoke: %s", c.id, m[1])
		}
	}
}

// write puts the files into a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
