package erb

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// output collects the rendered text and where each part came from.
type output struct {
	b     strings.Builder
	spans []span
}

// span is a part of the output from offset out on: literal text of the template
// at src, or (fixed) text inserted by the tag at src.
type span struct {
	out, src int
	fixed    bool
}

func (o *output) write(text string, src int, fixed bool) {
	if text == "" {
		return
	}
	o.spans = append(o.spans, span{out: o.b.Len(), src: src, fixed: fixed})
	o.b.WriteString(text)
}

// truncate takes back what was written after the output was n bytes long.
func (o *output) truncate(n int) {
	if o.b.Len() == n {
		return
	}
	text := o.b.String()[:n]
	o.b.Reset()
	o.b.WriteString(text)
	for len(o.spans) > 0 && o.spans[len(o.spans)-1].out >= n {
		o.spans = o.spans[:len(o.spans)-1]
	}
}

// mapper gives the function that turns places in the output into places in the
// template.
func (o *output) mapper(src *source) func(line, col int) psych.Pos {
	text, spans := o.b.String(), o.spans
	lines := lineStarts(text)
	return func(line, col int) psych.Pos {
		if line < 1 || line > len(lines) || len(spans) == 0 {
			return psych.Pos{File: src.file}
		}
		at := advance(text, lines[line-1], col-1)
		i := sort.Search(len(spans), func(i int) bool { return spans[i].out > at }) - 1
		s := spans[max(i, 0)]
		if s.fixed {
			return src.pos(s.src)
		}
		return src.pos(s.src + at - s.out)
	}
}

// advance moves n characters on from offset at, not beyond the line.
func advance(text string, at, n int) int {
	if at == 0 && strings.HasPrefix(text, "\ufeff") {
		at = len("\ufeff")
	}
	for ; n > 0 && at < len(text) && text[at] != '\n'; n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
