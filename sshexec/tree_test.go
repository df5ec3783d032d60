package sshexec

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/sshexec/sshtest"
)

// An archive cut at any of its 512-byte blocks, also between two files where tar
// sees nothing wrong, never takes the folder's place.
func TestTreeScriptCutArchive(t *testing.T) {
	var archive bytes.Buffer
	if err := pack(&archive, fstest.MapFS{"a": {Data: []byte("a"), Mode: 0o644}, "b": {Data: []byte("b"), Mode: 0o644}}); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Index(archive.Bytes(), []byte(wholeName))
	for cut := 0; cut <= archive.Len(); cut += 512 {
		dir := filepath.Join(t.TempDir(), "pages")
		sshtest.WriteFile(t, filepath.Join(dir, "old"), "old")
		_, err := run.Local{}.Run(t.Context(), run.Cmd{Line: script(treeScript, dir, "0755", "word"), Stdin: bytes.NewReader(archive.Bytes()[:cut])})
		_, stat := os.Stat(filepath.Join(dir, "old"))
		var exit *run.ExitError
		if took := stat != nil; took != (cut > whole) || took != (err == nil) || err != nil && !errors.As(err, &exit) {
			t.Errorf("cut at %d of %d: %v, old file: %v", cut, archive.Len(), err, stat)
		}
	}
}

// When the new folder cannot take the old one's place, the old one comes back.
func TestTreeScriptSwapFails(t *testing.T) {
	var archive bytes.Buffer
	if err := pack(&archive, fstest.MapFS{"a": {Data: []byte("a"), Mode: 0o644}}); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	dir := filepath.Join(root, "pages")
	sshtest.WriteFile(t, filepath.Join(dir, "old"), "old")
	mv := sshtest.WriteFile(t, filepath.Join(root, "bin", "mv"), "#!/bin/sh\necho >>"+root+"/count\n[ $(wc -l <"+root+"/count) -eq 2 ] && exit 1\nexec /bin/mv \"$@\"\n")
	if err := os.Chmod(mv, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := run.Local{}.Run(t.Context(), run.Cmd{
		Line: script(treeScript, dir, "0755", "word"), Stdin: &archive, Env: []string{"PATH=" + filepath.Dir(mv) + ":" + os.Getenv("PATH")},
	})
	var exit *run.ExitError
	if _, stat := os.Stat(filepath.Join(dir, "old")); !errors.As(err, &exit) || stat != nil {
		t.Error(err, stat)
	}
}
