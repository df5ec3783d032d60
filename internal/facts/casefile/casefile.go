// Package casefile reads the document of worked cases (testdata/config-cases.md
// of the package above) for tests: files, how the program is invoked, and the
// facts that must come out.
//
// Laws: what can't be read is an error, never left out; nothing but tests imports
// this package.
package casefile

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Case is one worked case.
type Case struct {
	ID, Title string
	Files     map[string]string // text by path, relative to the project
	Invoke    Invoke
	Facts     []Fact
}

// Invoke is what stands behind "Invoke:". Unless NoVersion, an empty Version
// stands for v1.
type Invoke struct {
	File, Destination, Version string
	NoVersion                  bool
	Env                        []string // KEY=VALUE
}

// Fact is one expected line: `Key = Value`. <cwd> in a value stands for the
// project's folder.
type Fact struct{ Key, Value string }

// Doc is the whole document.
type Doc struct {
	Cases []Case
	Rows  []Row
}

// Read reads the document at path.
func Read(path string) (Doc, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Doc{}, err
	}
	return parse(string(text))
}

func parse(text string) (d Doc, err error) {
	base, err := yamlBase(text)
	if err != nil {
		return d, err
	}
	starts := regexp.MustCompile(`(?m)^### (C\d+) (.*)$`).FindAllStringSubmatchIndex(text, -1)
	for i, m := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		c := Case{ID: text[m[2]:m[3]], Title: text[m[4]:m[5]]}
		if err := c.read(text[m[1]:end], base); err != nil {
			return d, fmt.Errorf("%s: %w", c.ID, err)
		}
		d.Cases = append(d.Cases, c)
	}
	d.Rows = rows(text)
	if n := strings.Count(text, "\n```facts\n"); n != len(d.Cases) {
		return d, fmt.Errorf("%d blocks of facts, %d cases were read", n, len(d.Cases))
	}
	return d, nil
}

// yamlBase is the block of lines that `(+base)` puts in front.
func yamlBase(text string) (string, error) {
	m := regexp.MustCompile("(?s)```yaml\n(.*?)\n  ```").FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("the base lines were not found")
	}
	return strings.ReplaceAll(strings.TrimPrefix(m[1], "  ")+"\n", "\n  ", "\n"), nil
}

func (c *Case) read(body, base string) error {
	c.Files = map[string]string{}
	block := regexp.MustCompile("(?ms)^`([^`\n]+)`( \\(\\+base\\))?:\n```\\w*\n(.*?)^```$")
	for _, m := range block.FindAllStringSubmatch(body, -1) {
		content := m[3]
		if m[2] != "" {
			content = baseFor(base, content) + content
		}
		c.Files[m[1]] = content
	}
	if m := regexp.MustCompile(`(?m)^Invoke: (.*)$`).FindStringSubmatch(body); m != nil {
		if err := c.invoke(m[1]); err != nil {
			return err
		}
	}
	m := regexp.MustCompile("(?ms)^```facts\n(.*?)^```$").FindStringSubmatch(body)
	if m == nil {
		return fmt.Errorf("there are no facts")
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(m[1], "\n"), "\n") {
		key, value, ok := cut(l)
		if !ok {
			return fmt.Errorf("no fact: %s", l)
		}
		c.Facts = append(c.Facts, Fact{key, value})
	}
	return nil
}

// cut cuts a fact's line at the first equals sign behind the subject, in which
// there may be brackets and equals signs.
func cut(line string) (key, value string, ok bool) {
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

func (c *Case) invoke(text string) error {
	c.Invoke.NoVersion = strings.Contains(text, "no version")
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		word, value, _ := strings.Cut(m[1], " ")
		switch word {
		case "-d":
			c.Invoke.Destination = value
		case "-c":
			c.Invoke.File = value
		case "--version":
			c.Invoke.Version = value
		case "env":
			c.Invoke.Env = append(c.Invoke.Env, value)
		default:
			return fmt.Errorf("invoke: %s", m[1])
		}
	}
	return nil
}

// Write puts files into a folder.
func Write(dir string, files map[string]string) error {
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
