package adapter

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// bitwardenSM drives `bws`: https://bitwarden.com/help/secrets-manager-cli/.
func bitwardenSM() Adapter {
	return Adapter{
		name: "bitwarden_secrets_manager", short: "bitwarden-sm", title: "Bitwarden Secrets Manager CLI", check: "bws --version",
		login: func(ctx context.Context, s *session) error {
			_, err := s.must(ctx, "bws project list",
				"Could not authenticate to Bitwarden Secrets Manager. Did you set a valid access token?")
			return err
		},
		fetch: bwsFetch,
	}
}

func bwsFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	if len(r.Names) == 0 {
		return nil, fail(nil, "You must specify what to retrieve from Bitwarden Secrets Manager")
	}
	result := &ordered.Object{}
	names := r.prefixed()
	if line, ok := bwsList(names); ok {
		v, err := s.json(ctx, line, "Could not read secrets from Bitwarden Secrets Manager")
		for _, o := range objects(v) {
			result.Set(o.Text("key"), o.Get("value"))
		}
		return result, err
	}
	for _, id := range names {
		v, err := s.json(ctx, "bws secret get "+Escape(id), "Could not read %s from Bitwarden Secrets Manager", id)
		if err != nil {
			return nil, err
		}
		result.Set(object(v).Text("key"), object(v).Get("value"))
	}
	return result, nil
}

// bwsList gives the command that lists everything, or everything of a project,
// when the one name asks for that.
func bwsList(names []string) (line string, ok bool) {
	if len(names) != 1 {
		return "", false
	}
	if names[0] == "all" {
		return "bws secret list", true
	}
	project, ok := strings.CutSuffix(names[0], "/all")
	return "bws secret list " + Escape(project), ok
}
