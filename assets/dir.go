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

// List walks the folder, which may be named by a link.
func (Dir) List(_ context.Context, folder string) ([]Entry, error) {
	root, err := filepath.EvalSymlinks(folder)
	if info, serr := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || serr == nil && !info.IsDir() {
		return nil, &FolderError{Folder: folder, Where: "this machine"}
	}
	if err != nil {
		return nil, err
	}
	var out []Entry
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		out = append(out, Entry{Name: filepath.ToSlash(name), Size: info.Size(), Link: !info.Mode().IsRegular()})
		return err
	})
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
