package erb

import "regexp"

// A statement dropped from a comment may have been meant to set a variable that
// is used outside the comment. Its use is then refused with the first error,
// since an unset variable would silently give another result.

var reSets = regexp.MustCompile(`(?:\bENV\[\s*["']([^"']+)["']\s*\]|\b([A-Za-z_]\w*))\s*(?:\|\||&&|[-+*/])?=(?:[^=~>]|$)`)

// taint notes what the dropped text between two offsets would have set.
func (r *runner) taint(from, to int, err *Error) {
	for _, m := range reSets.FindAllStringSubmatch(r.src.text[from:to], -1) {
		if m[1] != "" {
			r.tainted[envName(m[1])] = err
		} else {
			r.tainted[m[2]] = err
		}
	}
}

// use fails when the name was to be set by a dropped statement.
func (r *runner) use(name string) error {
	if err, ok := r.tainted[name]; ok {
		e := *err
		e.kind = refused
		return &e
	}
	return nil
}

// envName keeps variables of the environment apart from local ones.
func envName(name string) string { return "ENV " + name }
