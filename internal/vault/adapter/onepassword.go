package adapter

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// opSession is the variable that carries the session key into the shell.
const opSession = "HWDEPLOY_OP_SESSION"

// onePassword drives `op`: https://developer.1password.com/docs/cli/reference/.
func onePassword() Adapter {
	return Adapter{
		name: "one_password", short: "1password", title: "1Password CLI", check: "op --version", NeedsAccount: true,
		login: opLogin, fetch: opFetch, without: opWithout,
	}
}

func opLogin(ctx context.Context, s *session) error {
	_, err := s.run(ctx, "op account get --account "+Escape(s.account)+" 2> /dev/null")
	if refused(err) == nil {
		return err
	}
	if s.getenv("OP_SERVICE_ACCOUNT_TOKEN") != "" {
		return nil // a service account has no sign-in
	}
	out, err := s.must(ctx, "op signin --account "+double(s.account)+" --force --raw", "Failed to login to 1Password")
	if key := strings.TrimSpace(out); err == nil && key != "" {
		s.setenv(opSession, key)
	}
	return err
}

// opItem is one item of a vault with the fields asked for; none: all of them.
type opItem struct {
	vault, item string
	fields      []string
}

func opFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	items, err := opItems(r)
	if err != nil {
		return nil, err
	}
	result := &ordered.Object{}
	for _, it := range items {
		answer, err := s.json(ctx, it.line(s), "%s", it.failure())
		if err != nil {
			return nil, err
		}
		for _, f := range it.answered(answer) {
			ref := strings.TrimPrefix(f.Text("reference"), "op://")
			result.Set(strings.TrimSuffix(ref, "/password"), f.Get("value"))
		}
	}
	return result, nil
}

// opItems groups the names by vault and item, both in order of appearance.
func opItems(r Request) ([]*opItem, error) {
	names := r.prefixed()
	if len(r.Names) == 0 {
		names = []string{r.From}
	}
	var vaults []string
	byVault := map[string][]*opItem{}
	for _, name := range names {
		p := parts(strings.TrimPrefix(name, "op://"))
		if len(p) < 2 || p[0] == "" || p[1] == "" {
			return nil, fail(nil, "%q: a 1Password name is vault/item/field; give the vault with --from", name)
		}
		if byVault[p[0]] == nil {
			vaults = append(vaults, p[0])
		}
		it := find(byVault[p[0]], p[1])
		if it == nil {
			it = &opItem{vault: p[0], item: p[1]}
			byVault[p[0]] = append(byVault[p[0]], it)
		}
		switch {
		case len(r.Names) == 0:
		case len(p) == 2:
			it.fields = append(it.fields, "password")
		default:
			it.fields = append(it.fields, strings.Join(p[2:], "."))
		}
	}
	var all []*opItem
	for _, v := range vaults {
		all = append(all, byVault[v]...)
	}
	return all, nil
}

func find(items []*opItem, item string) *opItem {
	for _, it := range items {
		if it.item == item {
			return it
		}
	}
	return nil
}

func (it *opItem) line(s *session) string {
	line := "op item get " + Escape(it.item) + " --vault " + double(it.vault) + ` --format "json" --account ` + double(s.account)
	if s.key != "" {
		line += ` --session "$` + opSession + `"`
	}
	if len(it.fields) > 0 {
		line += " --fields " + double("label="+strings.Join(it.fields, ",label="))
	}
	return line
}

func (it *opItem) failure() string {
	fields := ""
	if len(it.fields) > 0 {
		fields = strings.Join(it.fields, ", ") + " "
	}
	return "Could not read " + fields + "from " + it.item + " in the " + it.vault + " 1Password vault"
}

// answered gives the fields of an answer: the item's own list, one object for
// one field, a list for several.
func (it *opItem) answered(v any) []*ordered.Object {
	switch {
	case len(it.fields) == 0:
		return objects(object(v).Get("fields"))
	case len(it.fields) == 1:
		return objects([]any{v})
	}
	return objects(v)
}

// opWithout asks a service account for the same values by reference. The keys
// keep the spelling of the request, since nobody tells 1Password's own.
func opWithout(ctx context.Context, sh Shell, r Request) (*ordered.Object, error) {
	if len(r.Names) == 0 {
		return nil, fail(nil, "1Password CLI is not installed: it is needed to fetch a whole item; name the fields to do without it")
	}
	var refs []string
	for _, name := range r.prefixed() {
		ref := strings.TrimPrefix(name, "op://")
		if strings.Count(ref, "/") == 1 {
			ref += "/password"
		}
		refs = append(refs, "op://"+ref)
	}
	values, err := sh.Resolve(ctx, refs)
	if err != nil {
		return nil, err
	}
	result := &ordered.Object{}
	for _, ref := range refs {
		key := strings.TrimSuffix(strings.TrimPrefix(ref, "op://"), "/password")
		result.Set(key, values[ref].Reveal())
	}
	return result, nil
}
