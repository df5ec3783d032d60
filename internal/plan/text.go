package plan

import (
	"fmt"
	"strings"
)

// Text is the plan for people: one stable line per step, then the notes.
func (p Plan) Text() string {
	var out strings.Builder
	width := 0
	for _, s := range p.Steps {
		width = max(width, len(s.ID))
	}
	for _, s := range p.Steps {
		fmt.Fprintf(&out, "%-*s  %-7s  %s", width, s.ID, s.Effect, s.Title)
		if s.Why != "" {
			fmt.Fprintf(&out, "  [%s]", s.Why)
		}
		out.WriteByte('\n')
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&out, "note: %s\n", n)
	}
	return out.String()
}
