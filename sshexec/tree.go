package sshexec

import (
	"archive/tar"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// wholeName is the last entry of an upload. An archive that was cut between two
// entries unpacks without complaint; one that lacks this entry is not taken.
const wholeName = ".hwdeploy-whole"

const noTarStatus = 67

// treeScript gets the folder, its mode and a word for the name of the new folder.
const treeScript = `command -v tar >/dev/null || exit 67
case $1 in */*) p=${1%/*}; mkdir -p -- "${p:-/}" || exit;; *) p=.;; esac
t=$p/.hwdeploy.$3
trap '[ -e "$1" ] || [ ! -e "$t.old" ] || mv -- "$t.old" "$1"; rm -rf -- "$t" "$t.old"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -m 700 -- "$t" || exit
tar -x -p -o -f - -C "$t" || exit
[ -f "$t/` + wholeName + `" ] || { echo "the archive is not whole" >&2; exit 1; }
rm -f -- "$t/` + wholeName + `" && chmod "$2" "$t" || exit
[ ! -e "$1" ] || mv -- "$1" "$t.old" || exit
mv -- "$t" "$1"`

// UploadTree makes dir on the host a copy of fsys: folders, files and their
// modes; links and special files are refused. What dir held before is replaced
// at the end, all at once. It costs two round trips where the host has tar, else
// two a file, and then dir is not replaced at once.
func (c *Client) UploadTree(ctx context.Context, fsys fs.FS, dir string) error {
	dir = plainPath(strings.TrimRight(dir, "/"))
	if dir == "" || dir == "." {
		return fmt.Errorf("upload to %s: %q cannot be replaced as a whole", c.t.alias, dir)
	}
	root, err := fs.Stat(fsys, ".")
	if err != nil {
		return fmt.Errorf("upload of %s to %s: %w", dir, c.t.alias, err)
	}
	r, w := io.Pipe()
	packed := make(chan struct{})
	go func() {
		defer close(packed)
		w.CloseWithError(pack(w, fsys))
	}()
	_, err = c.Run(ctx, run.Cmd{Name: "upload of " + dir, Line: script(treeScript, dir, octal(root.Mode()), rand.Text()), Stdin: r})
	if cerr := r.Close(); err == nil && cerr != nil {
		err = cerr
	}
	<-packed
	var exit *run.ExitError
	if errors.As(err, &exit) && exit.Code == noTarStatus {
		return c.uploadFiles(ctx, fsys, dir)
	}
	return err
}

// pack writes fsys as a tar archive.
func pack(w io.Writer, fsys fs.FS) error {
	tw := tar.NewWriter(w)
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		return packEntry(tw, fsys, name, e)
	})
	if err != nil {
		return err
	}
	if err := tw.WriteHeader(&tar.Header{Name: wholeName, Mode: 0o600, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	return tw.Close()
}

func packEntry(tw *tar.Writer, fsys fs.FS, name string, e fs.DirEntry) error {
	info, err := e.Info()
	if err != nil {
		return err
	}
	h := &tar.Header{Name: name, Mode: int64(info.Mode().Perm()), Size: info.Size(), ModTime: info.ModTime(), Typeflag: tar.TypeReg}
	switch {
	case info.IsDir():
		h.Name, h.Size, h.Typeflag = name+"/", 0, tar.TypeDir
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: only files and folders can be uploaded", name)
	}
	if err := tw.WriteHeader(h); err != nil || info.IsDir() {
		return err
	}
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(tw, f)
	return errors.Join(err, f.Close())
}

// uploadFiles is the way without tar.
func (c *Client) uploadFiles(ctx context.Context, fsys fs.FS, dir string) error {
	return fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		to := path.Join(dir, name)
		if info.IsDir() {
			line := "mkdir -p -- " + run.Quote(to) + " && chmod " + octal(info.Mode()) + " " + run.Quote(to)
			_, err := c.Run(ctx, run.Cmd{Name: "folder " + to, Line: line})
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: only files and folders can be uploaded", name)
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		return c.Upload(ctx, to, content, info.Mode())
	})
}
