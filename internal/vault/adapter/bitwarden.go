package adapter

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// bitwarden drives `bw`: https://bitwarden.com/help/cli/. The session key goes
// by BW_SESSION, which bw reads itself.
func bitwarden() Adapter {
	return Adapter{
		name: "bitwarden", title: "Bitwarden CLI", check: "bw --version", NeedsAccount: true,
		login: bwLogin, fetch: bwFetch,
	}
}

func bwLogin(ctx context.Context, s *session) error {
	const failed = "Failed to login to and unlock Bitwarden"
	status, err := bwStatus(ctx, s)
	if err == nil && status == "unauthenticated" {
		if _, err = s.run(ctx, "bw login "+Escape(s.account)); err == nil || refused(err) != nil {
			status, err = bwStatus(ctx, s)
		}
	}
	if err == nil && status == "locked" {
		var key string
		if key, err = s.must(ctx, "bw unlock --raw", failed); err == nil {
			if key = strings.TrimSpace(key); key != "" {
				s.setenv("BW_SESSION", key)
			}
			status, err = bwStatus(ctx, s)
		}
	}
	if err != nil {
		return err
	}
	if status != "unlocked" {
		return fail(nil, failed)
	}
	_, err = s.must(ctx, "bw sync", "Failed to sync Bitwarden")
	return err
}

func bwStatus(ctx context.Context, s *session) (string, error) {
	v, err := s.json(ctx, "bw status", "Failed to login to and unlock Bitwarden")
	return object(v).Text("status"), err
}

// bwItem is one item and the fields asked for; a name without field is "".
type bwItem struct {
	item   string
	fields []string
}

func bwItems(r Request) []*bwItem {
	var all []*bwItem
	byName := map[string]*bwItem{}
	for _, name := range r.prefixed() {
		p := append(parts(name), "")
		if byName[p[0]] == nil {
			byName[p[0]] = &bwItem{item: p[0]}
			all = append(all, byName[p[0]])
		}
		byName[p[0]].fields = append(byName[p[0]].fields, p[1])
	}
	return all
}

func bwFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	result := &ordered.Object{}
	for _, it := range bwItems(r) {
		v, err := s.json(ctx, "bw get item "+Escape(it.item), "Could not read %s from Bitwarden", it.item)
		if err != nil {
			return nil, err
		}
		if err := it.take(object(v), result); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// take puts the fields into result; without any the login password, or else
// every custom field.
func (it *bwItem) take(answer, result *ordered.Object) error {
	custom := objects(answer.Get("fields"))
	fields := it.fields
	if strings.Join(fields, "") == "" {
		if password := object(answer.Get("login")).Get("password"); password != nil {
			result.Set(it.item, password)
			return nil
		}
		if len(custom) == 0 {
			return fail(nil, "Item %s is not a login type item and no fields were specified", it.item)
		}
		fields = nil
		for _, f := range custom {
			fields = append(fields, f.Text("name"))
		}
	}
	for _, name := range fields {
		f := named(custom, name)
		if f == nil {
			return fail(nil, "Could not find field %s in item %s in Bitwarden", name, it.item)
		}
		result.Set(it.item+"/"+name, f.Get("value"))
	}
	return nil
}

func named(all []*ordered.Object, name string) *ordered.Object {
	for _, o := range all {
		if o.Text("name") == name {
			return o
		}
	}
	return nil
}
