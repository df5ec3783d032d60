package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// accessoryDirs makes the folders of an accessory with mode and owner.
func (w *worker) accessoryDirs(ctx context.Context, h Host, a *config.Accessory) error {
	names := resolve.Accessory(w.engine.Config, a)
	var lines []string
	for _, m := range a.Directories {
		lines = append(lines, names.DirLines(m.Local, m.Mode, m.Owner)...)
	}
	_, err := h.Run(ctx, run.Cmd{Name: "make the directories of " + a.Name, Line: strings.Join(lines, " && ")})
	return err
}

// fileScript gets path, size, mode, owner ("" = the login's) and a word. What
// arrives whole is written into the file that is there, which a running container
// has mounted: a new file would not be seen in it.
const fileScript = `p=$1; t=$p.$5; mkdir -p "$(dirname "$p")" || exit
trap 'rm -f "$t"' EXIT
(umask 077; cat >"$t") || exit
n=$(wc -c <"$t"); [ "$n" -eq "$2" ] || { echo "only $n of $2 bytes arrived" >&2; exit 1; }
(umask 077; cat "$t" >"$p") && chmod "$3" "$p" && { [ -z "$4" ] || chown "$4" "$p"; }`

// accessoryFiles uploads the files of an accessory, templates rendered with its
// variables and secrets.
func (w *worker) accessoryFiles(ctx context.Context, h Host, a *config.Accessory) error {
	names := resolve.Accessory(w.engine.Config, a)
	for _, m := range a.Files {
		content, err := w.engine.accessoryFile(ctx, a, m)
		if err != nil {
			return err
		}
		word := "hwdeploy-" + plan.Nonce(w.engine.RunID, 6, m.Remote)
		line := "sh -c " + run.QuoteAll(fileScript, "sh", names.FilePath(m.Remote), strconv.Itoa(len(content)), resolve.FileMode(m), m.Owner, word)
		if _, err := h.Run(ctx, run.Cmd{Name: "upload " + m.Local, Line: line, Stdin: bytes.NewReader(content)}); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) accessoryFile(ctx context.Context, a *config.Accessory, m config.Mount) ([]byte, error) {
	var environ []string
	if resolve.IsTemplate(m.Local) {
		var err error
		if environ, err = resolve.AccessoryEnviron(a, e.lookup(ctx)); err != nil {
			return nil, err
		}
	}
	content, err := e.LocalFile(ctx, m.Local, resolve.IsTemplate(m.Local), environ)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingFileError{Path: m.Local, Pos: m.Pos}
	}
	return content, err
}

// lookup gives the value of a secret's name.
func (e *Engine) lookup(ctx context.Context) func(string) (string, error) {
	return func(name string) (string, error) {
		v, err := e.Secrets.Lookup(ctx, name)
		return v.Reveal(), err
	}
}

// MissingFileError is a file of an accessory that is not in the project.
type MissingFileError struct {
	Path string
	Pos  config.Pos
}

// Error has Kamal's words.
func (e *MissingFileError) Error() string { return fmt.Sprintf("%s: Missing file: %s", e.Pos, e.Path) }

// ExitCode is 3: the configuration names what is not there.
func (e *MissingFileError) ExitCode() int { return 3 }
