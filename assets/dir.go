package assets

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir reads folders of this machine.
type Dir struct{}

// Layers gives none.
func (Dir) Layers(context.Context) ([]string, error) { return nil, nil }

// List walks the folder.
func (Dir) List(_ context.Context, folder string) ([]Entry, error) {
	var out []Entry
	err := filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, file)
		out = append(out, Entry{Name: filepath.ToSlash(name), Size: info.Size(), Link: !info.Mode().IsRegular()})
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &FolderError{Folder: folder, Where: "this machine"}
	}
	return out, err
}

// Read opens one file after the other.
func (Dir) Read(ctx context.Context, folder string, files []Entry, each func(Entry, io.Reader) error) error {
	for _, e := range files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := read(filepath.Join(folder, filepath.FromSlash(e.Name)), e, each); err != nil {
			return err
		}
	}
	return nil
}

func read(file string, e Entry, each func(Entry, io.Reader) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	err = each(e, f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
