package ui

import (
	"io"
	"os"
	"sync"

	"github.com/muesli/cancelreader"
)

// keyboard is a terminal's keys for the time of one question. Its end is waited
// for: a reader that is left behind takes the first key of whoever reads next.
// (bubbletea's own may be: it closes what its reader still waits for.)
type keyboard struct {
	tty  *os.File
	keys cancelreader.CancelReader
	busy sync.Mutex // held while reading
}

// These, without the rest of a *os.File, let bubbletea set the terminal's mode
// and read through here.
var _ interface {
	io.ReadWriteCloser
	Fd() uintptr
} = (*keyboard)(nil)

func newKeyboard(tty *os.File) (*keyboard, error) {
	keys, err := cancelreader.NewReader(tty)
	return &keyboard{tty: tty, keys: keys}, err
}

func (k *keyboard) Read(p []byte) (int, error) {
	k.busy.Lock()
	defer k.busy.Unlock()
	return k.keys.Read(p)
}

func (k *keyboard) Write(p []byte) (int, error) { return k.tty.Write(p) }
func (k *keyboard) Fd() uintptr                 { return k.tty.Fd() }

// Close leaves the terminal open; end is the end of reading.
func (k *keyboard) Close() error { return nil }

func (k *keyboard) end() error {
	k.keys.Cancel()
	k.busy.Lock()
	defer k.busy.Unlock()
	return k.keys.Close()
}
