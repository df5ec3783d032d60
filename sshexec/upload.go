package sshexec

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// uploadScript gets path, mode, size and a word for the name of the new file.
// Missing folders are made with the login's umask, as `mkdir -p` does. The content
// goes to a new file beside the path, closed to others when it is made, with its
// mode before the first byte, and takes the path's place only when it is whole: a
// connection that breaks looks like the end of the input. The name is known before
// the file is there, so that the trap always finds it; the descriptor is open
// before chmod, so that the mode may forbid writing.
const uploadScript = `case $1 in */*) d=${1%/*}; mkdir -p -- "${d:-/}" || exit;; *) d=.;; esac
t=$d/.hwdeploy.$4
trap 'rm -f -- "$t"' EXIT
trap 'exit 1' HUP INT TERM
umask 077
set -C
exec 3>"$t" || exit
chmod "$2" "$t" && cat >&3 || exit
exec 3>&-
n=$(wc -c <"$t") && [ "$n" -eq "$3" ] || { echo "only $n of $3 bytes arrived" >&2; exit 1; }
[ ! -d "$1" ] || { echo "$1 is a folder" >&2; exit 1; }
mv -f -- "$t" "$1"`

// Upload puts content at path (relative = to the login folder), as one step: who
// reads the path sees the old file or the new one. The file has mode from the
// start and belongs to the login user; a symlink at path is replaced. Content
// travels by stdin. It costs two round trips.
func (c *Client) Upload(ctx context.Context, path string, content []byte, mode fs.FileMode) error {
	return c.UploadFrom(ctx, path, bytes.NewReader(content), int64(len(content)), mode)
}

// UploadFrom is Upload for a stream of exactly size bytes.
func (c *Client) UploadFrom(ctx context.Context, path string, content io.Reader, size int64, mode fs.FileMode) error {
	if path == "" || strings.HasSuffix(path, "/") {
		return fmt.Errorf("upload to %s: %q is not a file name", c.t.alias, path)
	}
	line := script(uploadScript, plainPath(path), octal(mode), strconv.FormatInt(size, 10), rand.Text())
	_, err := c.Run(ctx, run.Cmd{Name: "upload of " + path, Line: line, Stdin: content})
	return err
}

// script is a line that any login shell hands to sh.
func script(text string, args ...string) string {
	return run.QuoteAll(append([]string{"sh", "-c", text, "sh"}, args...)...)
}

// plainPath keeps a name that begins with a dash from being an option.
func plainPath(p string) string {
	if strings.HasPrefix(p, "-") {
		return "./" + p
	}
	return p
}

// octal is the mode as chmod reads it, set-id and sticky bits included.
func octal(m fs.FileMode) string {
	n := uint32(m.Perm())
	for bit, value := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			n |= value
		}
	}
	return fmt.Sprintf("%04o", n)
}
