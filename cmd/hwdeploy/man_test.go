package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// make man writes a page for every command that help shows.
func TestEveryCommandHasAManPage(t *testing.T) {
	dir := t.TempDir()
	root := newApp().root()
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "hwdeploy"}, dir); err != nil {
		t.Fatal(err)
	}
	pages := 0
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		pages++
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		text, err := os.ReadFile(filepath.Join(dir, name+".1"))
		if err != nil || !strings.Contains(string(text), ".SH NAME") || !strings.Contains(string(text), ".SH SYNOPSIS") {
			t.Errorf("%s: %v\n%.200s", c.CommandPath(), err, text)
		}
		for _, below := range c.Commands() {
			if below.IsAvailableCommand() {
				look(below)
			}
		}
	}
	look(root)
	if all, err := os.ReadDir(dir); err != nil || len(all) != pages || pages < 80 {
		t.Errorf("%d pages for %d commands, %v", len(all), pages, err)
	}
}
