package secret

import (
	"io"
	"sync"
)

// Writer redacts a stream. It holds back an end that may be the beginning of a
// secret until more text decides. Overlapping secrets become one mask. Safe for
// use by several goroutines, whose writes are then one stream.
type Writer struct {
	r *Redactor
	w io.Writer

	mu sync.Mutex
	// held is text that is not decided yet, after what has been sent.
	held []byte
	// shown is how much of held's beginning Flush has sent already.
	shown int
	// covered is how much of held's beginning belongs to a mask already sent.
	covered int
	err     error // the first failure of w; every later call gives it again
}

// Write takes p whole, and sends what is decided. An error is that of the
// underlying writer.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	w.held = append(w.held, p...)
	w.send(w.advance(false))
	if w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// Flush sends what can be sent without giving a secret away: of an end that may
// begin a secret at most three bytes, so that a prompt appears at once. More
// stays held back until the next Write or Close.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.held); n < minLen && w.covered == 0 && n > w.shown {
		w.send(w.held[w.shown:])
		w.shown = n
	}
	return w.err
}

// Close sends the rest. An end that is at least eight bytes and half of a secret
// is masked: a program that dies while it prints a key gives no key away.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.send(w.advance(true))
	return w.err
}

func (w *Writer) send(b []byte) {
	if w.err == nil && len(b) > 0 {
		_, w.err = w.w.Write(b)
	}
}

// advance decides as much of held as it can, all of it at the end, and gives the
// bytes to send.
func (w *Writer) advance(end bool) []byte {
	x := w.r.current()
	if x == nil { // no secrets, so nothing was ever held
		out := w.held
		w.held = nil
		return out
	}
	var out []byte
	i := 0
	for ; i < len(w.held); i++ {
		match, open := x.at(w.held[i:])
		if open != "" && !end {
			break
		}
		if n := len(w.held) - i; open != "" && n >= 2*minLen && 2*n >= len(open) {
			match = n
		}
		out = w.step(out, i, match)
	}
	w.held = append(w.held[:0], w.held[i:]...)
	w.shown = max(0, w.shown-i)
	w.covered = max(0, w.covered-i)
	return out
}

// step sends the byte at i or hides it. A match that begins inside a mask only
// makes that mask longer.
func (w *Writer) step(out []byte, i, match int) []byte {
	inside := i < w.covered
	if match > 0 {
		w.covered = max(w.covered, i+match)
	}
	switch {
	case inside:
	case match > 0:
		out = append(out, mask...)
	case i >= w.shown:
		out = append(out, w.held[i])
	}
	return out
}
