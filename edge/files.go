package edge

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/warmlyyours/hwdeploy/edge/mistake"
	"github.com/warmlyyours/hwdeploy/edge/redirect"
)

// ReadRedirects reads the CSV files that globs name below a folder, sorted. A
// glob that names none, and what is wrong in the files, is a mistake.List.
func ReadRedirects(dir fs.FS, globs []string) ([]redirect.Redirect, error) {
	var names []string
	for _, g := range globs {
		found, err := fs.Glob(dir, g)
		if err != nil {
			return nil, fmt.Errorf("redirects: files: %s: %w", g, err)
		}
		if len(found) == 0 {
			return nil, mistake.List{{File: g, Text: "there is no such file"}}
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	var files []redirect.File
	for _, name := range slices.Compact(names) {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		files = append(files, redirect.File{Name: name, Text: text})
	}
	return redirect.Read(files)
}
