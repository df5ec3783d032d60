package erb

import (
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config/internal/psych"
)

// markComments notes the tags that seem to lie in a YAML comment, and the text
// between them that consists of comment lines. confirmDrops has the last word.
func markComments(src *source, segs []segment, yaml bool) {
	if !yaml {
		return
	}
	for i := range segs {
		s := &segs[i]
		if s.kind == segText {
			s.inComment = onlyComments(s.text)
			continue
		}
		oneLine := !strings.Contains(s.text, "\n")
		s.inComment = oneLine && opensComment(src.text[src.lineStart(s.start):s.start])
	}
}

// opensComment tells that a comment may begin in the text before a tag.
func opensComment(before string) bool {
	for i := range len(before) {
		if before[i] == '#' && (i == 0 || before[i-1] == ' ' || before[i-1] == '\t') {
			return true
		}
	}
	return false
}

// onlyComments tells that every line begun in text is a comment or, but for the
// last, blank.
func onlyComments(text string) bool {
	lines := strings.Split(text, "\n")
	for i, l := range lines[1:] {
		l = strings.TrimSpace(l)
		if !strings.HasPrefix(l, "#") && (l != "" || i == len(lines)-2) {
			return false
		}
	}
	return true
}

// drop is a refused tag whose text is left out, and where it would have stood.
type drop struct {
	out int
	err *Error
}

// confirmDrops makes sure that the dropped tags do lie in comments: it puts a
// mark in the place of each and looks for the marks in the values. A line that
// begins with # inside a block or quoted scalar is no comment.
func confirmDrops(text string, drops []drop) error {
	var b strings.Builder
	last := 0
	for i, d := range drops {
		b.WriteString(text[last:d.out])
		b.WriteString(mark(i))
		last = d.out
	}
	b.WriteString(text[last:])
	root, err := psych.Parse([]byte(b.String()), nil)
	if err != nil {
		return nil // not YAML at all, which the reader of the result reports
	}
	var found strings.Builder
	collect(root, &found, map[*psych.Node]bool{})
	for i, d := range drops {
		if strings.Contains(found.String(), mark(i)) {
			return d.err
		}
	}
	return nil
}

// mark uses private characters, which no configuration contains.
func mark(i int) string { return fmt.Sprintf("\ue0f0%d\ue0f1", i) }

// collect gathers the text of all scalars.
func collect(n *psych.Node, b *strings.Builder, seen map[*psych.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	b.WriteString(n.Str)
	b.WriteString(n.Raw)
	b.WriteByte('\n')
	for _, item := range n.Items {
		collect(item, b, seen)
	}
	for _, p := range n.Pairs {
		collect(p.Key, b, seen)
		collect(p.Value, b, seen)
	}
}
