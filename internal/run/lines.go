package run

import (
	"strings"
	"sync"
)

// Lines is a writer that hands over whole lines, without their ends. Call End
// when nothing more comes.
type Lines struct {
	Say func(line string)
	// Max is where a line without an end is cut, in bytes; 0 = nowhere.
	Max int

	mu   sync.Mutex
	rest string
}

// Write keeps what is no whole line yet.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest += string(p)
	for {
		line, rest, ok := strings.Cut(l.rest, "\n")
		if !ok && (l.Max == 0 || len(l.rest) < l.Max) {
			return len(p), nil
		}
		l.Say(line)
		l.rest = rest
	}
}

// End hands over a last line that has no end.
func (l *Lines) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest != "" {
		l.Say(l.rest)
		l.rest = ""
	}
}
