package adapter

import (
	"context"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// enpass drives `enpass-cli`, which works offline on a vault's folder:
// https://github.com/hazcod/enpass-cli.
func enpass() Adapter {
	return Adapter{name: "enpass", title: "Enpass CLI", check: "enpass-cli version", fetch: enpassFetch}
}

func enpassFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	if r.From == "" {
		return nil, fail(nil, "No vault given: --from is the folder of the Enpass vault")
	}
	var titles []string
	for _, name := range r.Names {
		title := name
		if i := strings.LastIndexByte(name, '/'); i > 0 {
			title = name[:i]
		} else if i == 0 {
			title = name[1:]
		}
		if !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	v, err := s.json(ctx, "enpass-cli -json -vault "+Escape(r.From)+" show "+escapeAll(titles),
		"Could not read %s from Enpass", list(titles))
	if err != nil {
		return nil, err
	}
	return enpassTake(v, r.Names)
}

// enpassTake takes what was asked for by title (all labels) or by title/label.
// Blank passwords are left out.
func enpassTake(answer any, names []string) (*ordered.Object, error) {
	result := &ordered.Object{}
	for _, item := range objects(answer) {
		title, password := item.Text("title"), item.Text("password")
		key := title
		if label := item.Text("label"); label != "" {
			key = strings.TrimPrefix(title+"/"+label, "/")
		}
		if item.Get("title") == nil || strings.TrimSpace(password) == "" {
			continue
		}
		if !slices.Contains(names, title) && !slices.Contains(names, key) {
			continue
		}
		if result.Get(key) != nil {
			return nil, fail(nil, "%s is present more than once", key)
		}
		result.Set(key, password)
	}
	return result, nil
}
