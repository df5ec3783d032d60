package build

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Excluded reads the .dockerignore that holds for the build and gives a function
// that tells whether a file, or a folder (a path that ends in a slash) with all
// below it, stays out of the context. Paths start from the context. It never
// says so wrongly; of a folder it may not know.
func (r *Request) Excluded() (func(path string) bool, error) {
	patterns, err := r.ignorePatterns()
	if err != nil {
		return nil, err
	}
	pm, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	return func(path string) bool {
		name, folder := strings.CutSuffix(path, "/")
		if folder && pm.Exclusions() {
			return false // some of it may be let in again
		}
		out, err := pm.MatchesOrParentMatches(name)
		return out && err == nil
	}, nil
}

// ignorePatterns are the lines of the file that holds.
func (r *Request) ignorePatterns() ([]string, error) {
	text, err := r.ignoreFile()
	if err != nil {
		return nil, err
	}
	return ignorefile.ReadAll(bytes.NewReader(text))
}

// ignoreFile is <Dockerfile>.dockerignore, else the context's; none is empty.
//
// Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
func (r *Request) ignoreFile() ([]byte, error) {
	for _, file := range []string{r.DockerfilePath() + ".dockerignore", r.context() + "/.dockerignore"} {
		text, err := os.ReadFile(file) //nolint:gosec // the project's own file
		if !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
	}
	return nil, nil
}
