package config

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

const baseLines = `service: shop
image: acme/shop
registry: {username: bob, password: s3cret}
builder: {arch: amd64}
`

// based puts those base lines in front whose key the text does not set itself.
func based(text string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(baseLines, "\n") {
		key, _, _ := strings.Cut(line, ":")
		if line != "" && !regexp.MustCompile(`(?m)^`+key+`:`).MatchString(text) {
			b.WriteString(line)
		}
	}
	return b.String() + text
}

// files is a project by path.
type files map[string]string

func (f files) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range f {
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

func shellIn(dir string) func(context.Context, string, []string) (string, error) {
	return func(ctx context.Context, line string, environ []string) (string, error) {
		c := exec.CommandContext(ctx, "sh", "-c", line)
		c.Dir, c.Env = dir, environ
		out, err := c.Output()
		var status *exec.ExitError
		if errors.As(err, &status) {
			err = nil
		}
		return string(out), err
	}
}

// loadText loads deploy.yml, put after the base lines.
func loadText(t *testing.T, text string) (*Config, error) {
	t.Helper()
	dir := files{"config/deploy.yml": based(text)}.write(t)
	return Load(t.Context(), Options{Dir: dir})
}

func mustLoad(t *testing.T, text string) *Config {
	t.Helper()
	c, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// first gives the mistake that Kamal would show, with its kind.
func first(t *testing.T, err error) Issue {
	t.Helper()
	var all *Errors
	if !errors.As(err, &all) {
		t.Fatalf("not refused as a configuration: %v", err)
	}
	return all.First()
}

func roleNames(roles []*Role) []string {
	names := []string{}
	for _, r := range roles {
		names = append(names, r.Name)
	}
	return names
}
