package adapter

import (
	"context"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// lastPass drives `lpass`: https://lastpass.github.io/lastpass-cli/lpass.1.html.
func lastPass() Adapter {
	return Adapter{
		name: "last_pass", short: "lastpass", title: "LastPass CLI", check: "lpass --version", NeedsAccount: true,
		login: func(ctx context.Context, s *session) error {
			out, err := s.run(ctx, "lpass status --color never")
			if err != nil && refused(err) == nil {
				return err
			}
			if err == nil && strings.TrimSpace(out) == "Logged in as "+s.account+"." {
				return nil
			}
			_, err = s.must(ctx, "lpass login "+Escape(s.account), "Failed to login to LastPass")
			return err
		},
		fetch: lpassFetch,
	}
}

func lpassFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	names := r.prefixed()
	v, err := s.json(ctx, "lpass show "+escapeAll(names)+" --json", "Could not read %s from LastPass", list(names))
	if err != nil {
		return nil, err
	}
	result := &ordered.Object{}
	for _, item := range objects(v) {
		result.Set(item.Text("fullname"), item.Get("password"))
	}
	if missing := without(names, result.Keys()); len(missing) > 0 {
		return nil, fail(nil, "Could not find %s in LastPass", strings.Join(missing, ", "))
	}
	return result, nil
}

// without gives the words of all that are not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(some, w) })
}
