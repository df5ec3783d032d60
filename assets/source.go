package assets

import (
	"context"
	"fmt"
	"io"
)

// Entry is one file below a folder of a Source.
type Entry struct {
	Name string // relative to the folder, with slashes
	Size int64  // bytes
	Link bool   // a symbolic or hard link: it has no bytes of its own
}

// Source is where files are read from.
type Source interface {
	// Layers are digests that differ whenever a file may differ; nil = there are
	// none, look at the files.
	Layers(ctx context.Context) ([]string, error)
	// List gives the files below a folder. *FolderError: there is no such folder.
	List(ctx context.Context, folder string) ([]Entry, error)
	// Read hands the content of the given files of a folder to each, one after the
	// other in an order of its own; body is good until each returns.
	Read(ctx context.Context, folder string, files []Entry, each func(e Entry, body io.Reader) error) error
}

// FolderError is a folder that the source does not have.
type FolderError struct{ Folder, Where string }

func (e *FolderError) Error() string {
	return fmt.Sprintf("there is no folder %s in %s", e.Folder, e.Where)
}

// Hints say what to try.
func (e *FolderError) Hints() []string {
	return []string{"set x-hwdeploy/assets/paths to the folders that the image has"}
}
