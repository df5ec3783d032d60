package build

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/tonistiigi/fsutil"
)

// ReadError is a file of the context that can't be read.
type ReadError struct {
	Path string // from the context
	Err  error
}

func (e *ReadError) Error() string {
	err := e.Err
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return "the build needs " + e.Path + ", which can't be read: " + err.Error()
}

func (e *ReadError) Unwrap() error { return e.Err }

// strict ends the build when a file can't be opened. BuildKit's file sync sends
// an empty file instead, and says nothing.
type strict struct {
	fsutil.FS
	fail context.CancelCauseFunc
}

// Open implements fsutil.FS.
func (s strict) Open(path string) (io.ReadCloser, error) {
	f, err := s.FS.Open(path)
	if err != nil {
		s.fail(&ReadError{Path: path, Err: err})
	}
	return f, err
}
