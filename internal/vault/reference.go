package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// isReference tells whether a value is a 1Password reference and nothing else:
// op://vault/item/field or op://vault/item/section/field, with a query or not.
// Whether it is a good one is for 1Password to say.
func isReference(v string) bool {
	rest, ok := strings.CutPrefix(v, "op://")
	if !ok || strings.ContainsAny(v, "\n\x00") {
		return false
	}
	path, _, _ := strings.Cut(rest, "?")
	p := strings.Split(path, "/")
	return (len(p) == 3 || len(p) == 4) && p[0] != "" && p[1] != "" && p[len(p)-1] != ""
}

// references keeps what is known about references while files are read. Until
// the end a mark stands in values for the value of a reference, so that all can
// be asked for at once. A mark holds a NUL, which no variable can.
type references struct {
	early  map[string]string // by name, as they stand in the files
	known  []string          // have marks
	values map[string]secret.Secret
	failed map[string]error
}

func markOf(n int) string { return fmt.Sprintf("\x00op %d\x00", n) }

// mark gives the text that stands for ref.
func (r *references) mark(ref string) string {
	n := slices.Index(r.known, ref)
	if n < 0 {
		n = len(r.known)
		r.known = append(r.known, ref)
	}
	return markOf(n)
}

// inFiles gives the references that will be needed at the end.
func (r *references) inFiles() []string {
	return slices.Sorted(maps.Values(r.early))
}

// in gives the references whose marks are in text.
func (r *references) in(text string) (refs []string) {
	for n, ref := range r.known {
		if strings.Contains(text, markOf(n)) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// fill replaces the marks in text by the values.
func (r *references) fill(text string) (string, error) {
	var errs []error
	for _, ref := range r.in(text) {
		if err := r.failed[ref]; err != nil {
			errs = append(errs, fmt.Errorf("1Password: %s: %w", ref, err))
			continue
		}
		text = strings.ReplaceAll(text, markOf(slices.Index(r.known, ref)), r.values[ref].Reveal())
	}
	return text, errors.Join(errs...)
}

// resolve asks for the references that have no answer yet.
func (r *reading) resolve(ctx context.Context, refs []string) error {
	var ask []string
	for _, ref := range refs {
		_, has := r.refs.values[ref]
		if !has && r.refs.failed[ref] == nil && !slices.Contains(ask, ref) {
			ask = append(ask, ref)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	values, failed, err := r.ask(ctx, ask)
	if err != nil {
		return fmt.Errorf("1Password: %w", err)
	}
	if r.refs.values == nil {
		r.refs.values, r.refs.failed = map[string]secret.Secret{}, map[string]error{}
	}
	for _, ref := range ask {
		value, ok := values[ref]
		switch {
		case failed[ref] != nil:
			r.refs.failed[ref] = failed[ref]
		case !ok:
			r.refs.failed[ref] = errors.New("no answer")
		default:
			r.refs.values[ref] = value
			r.red.Add(value.Reveal())
		}
	}
	return nil
}

// ask takes the one way there is: the service account, or the op program.
func (r *reading) ask(ctx context.Context, refs []string) (map[string]secret.Secret, map[string]error, error) {
	if r.o.OnePassword != nil && !r.token.IsZero() {
		return r.o.OnePassword(ctx, r.token, refs)
	}
	values, err := r.inject(ctx, refs)
	return values, nil, err
}
