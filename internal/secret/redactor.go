package secret

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Redactor replaces every known secret in text by asterisks, in all its forms.
// Values that can't be secret are not hidden: those under four bytes, numbers of
// up to five digits, true, false, null, and rows of asterisks. Safe for use by several goroutines;
// the zero value is ready and knows no secrets.
type Redactor struct {
	mu    sync.Mutex // orders Add
	known map[string]bool
	// index is built when it is first needed after an Add (then stale).
	index atomic.Pointer[index]
	stale atomic.Bool
}

// NewRedactor gives a Redactor that knows values.
func NewRedactor(values ...string) *Redactor {
	r := &Redactor{}
	r.Add(values...)
	return r
}

// Add makes values known: everything written afterwards hides them, also by
// Writers that exist already.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]bool{}
	}
	before := len(r.known)
	for _, v := range values {
		for _, f := range forms(v) {
			r.known[f] = true
		}
	}
	if len(r.known) > before {
		r.stale.Store(true)
	}
}

// current gives the index of all that is known, nil for nothing.
func (r *Redactor) current() *index {
	if r.stale.Load() {
		r.mu.Lock()
		if r.stale.Load() {
			r.index.Store(newIndex(r.known))
			r.stale.Store(false)
		}
		r.mu.Unlock()
	}
	return r.index.Load()
}

// String gives s with every secret replaced.
func (r *Redactor) String(s string) string {
	if r.current() == nil {
		return s
	}
	var b strings.Builder
	w := r.Writer(&b)
	// A strings.Builder never fails.
	if _, err := w.Write([]byte(s)); err != nil {
		return mask
	}
	if err := w.Close(); err != nil {
		return mask
	}
	return b.String()
}

// Writer gives a writer that sends what it gets to w, redacted. Close it, or the
// held-back end is lost; closing does not close w.
func (r *Redactor) Writer(w io.Writer) *Writer { return &Writer{r: r, w: w} }

// index finds patterns by how they begin. Patterns of one bucket stand longest
// first.
type index struct {
	byStart map[[minLen]byte][]string
	byFirst [256][]string
}

func newIndex(known map[string]bool) *index {
	x := &index{byStart: map[[minLen]byte][]string{}}
	all := make([]string, 0, len(known))
	for p := range known {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	for _, p := range all {
		k := [minLen]byte([]byte(p[:minLen]))
		x.byStart[k] = append(x.byStart[k], p)
		x.byFirst[p[0]] = append(x.byFirst[p[0]], p)
	}
	return x
}

// at looks at the beginning of b: match is the length of the longest pattern
// that stands there; open is the shortest pattern that b is a true beginning of.
func (x *index) at(b []byte) (match int, open string) {
	bucket := x.byFirst[b[0]]
	if len(b) >= minLen {
		bucket = x.byStart[[minLen]byte(b)]
	}
	for _, p := range bucket {
		switch {
		case len(p) > len(b):
			if p[:len(b)] == string(b) {
				open = p
			}
		case string(b[:len(p)]) == p:
			return len(p), open
		}
	}
	return 0, open
}
