package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is printed into testdata")

// TestMistakesAsPrinted compares pairs of files: a configuration (with its
// destination stage where there is one) and exactly what is printed about it.
func TestMistakesAsPrinted(t *testing.T) {
	golden(t, "testdata/mistakes", func(c *Config, err error) string {
		var all *Errors
		if !errors.As(err, &all) {
			t.Fatalf("accepted: %v", err)
		}
		return all.Error()
	})
}

// TestWarningsAsPrinted does the same for configurations that load.
func TestWarningsAsPrinted(t *testing.T) {
	golden(t, "testdata/warnings", func(c *Config, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, w := range c.Warnings {
			lines = append(lines, w.String())
		}
		return strings.Join(lines, "\n")
	})
}

func golden(t *testing.T, dir string, print func(*Config, error) string) {
	inputs, err := filepath.Glob(filepath.Join(dir, "*.yml"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no inputs in %s: %v", dir, err)
	}
	for _, path := range inputs {
		name := strings.TrimSuffix(filepath.Base(path), ".yml")
		if strings.HasSuffix(name, ".stage") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			o := Options{Dir: dir, File: name + ".yml", Shell: shellIn(dir)}
			if _, err := os.Stat(filepath.Join(dir, name+".stage.yml")); err == nil {
				o.Destination = "stage"
			}
			got := print(Load(t.Context(), o)) + "\n"
			want := filepath.Join(dir, name+".txt")
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(text) {
				t.Errorf("got:\n%swant:\n%s", got, text)
			}
		})
	}
}
