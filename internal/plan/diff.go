package plan

import "slices"

// Diff says in words how a plan differs from an earlier one, step by step.
// Random parts of names do not count, both being made for one run.
func Diff(before, after Plan) []string {
	var out []string
	for _, s := range before.Steps {
		now, ok := after.Find(s.ID)
		switch {
		case !ok:
			out = append(out, "no longer: "+s.ID)
		case now.Title != s.Title || now.Why != s.Why:
			out = append(out, "now otherwise: "+s.ID+": "+now.Title+" "+now.Why)
		}
	}
	for _, s := range after.Steps {
		if _, ok := before.Find(s.ID); !ok {
			out = append(out, "new: "+s.ID+": "+s.Title)
		}
	}
	return slices.Clip(out)
}
