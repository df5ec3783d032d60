package adapter

import (
	"context"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// gcpSecretManager drives `gcloud`:
// https://cloud.google.com/sdk/gcloud/reference/secrets/versions/access. The
// account is `user`, `default`, or either with `|` and a chain of service
// accounts to impersonate.
func gcpSecretManager() Adapter {
	return Adapter{
		name: "gcp_secret_manager", short: "gcp", title: "gcloud CLI", check: "gcloud --version", NeedsAccount: true,
		login: gcpLogin, fetch: gcpFetch,
	}
}

func gcpLogin(ctx context.Context, s *session) error {
	const failed = "could not login to gcloud"
	loggedIn := func() (bool, error) {
		v, err := s.json(ctx, "gcloud auth list --format=json", failed)
		return len(objects(v)) > 0, err
	}
	ok, err := loggedIn()
	if ok || err != nil {
		return err
	}
	if _, err := s.run(ctx, "gcloud auth login"); err != nil && refused(err) == nil {
		return err
	}
	if ok, err = loggedIn(); err == nil && !ok {
		return fail(nil, failed)
	}
	return err
}

func gcpFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	result := &ordered.Object{}
	asked := map[string]bool{}
	for _, name := range r.prefixed() {
		if asked[name] {
			continue
		}
		asked[name] = true
		p := parts(name)
		if len(p) == 1 {
			p = append([]string{"default"}, p...)
		}
		project, item, version := p[0], p[1], "latest"
		if len(p) > 2 {
			version = p[2]
		}
		key := project + "/" + item
		v, err := s.json(ctx, gcpLine(r.Account, project, item, version), "Could not read %s from Google Secret Manager", key)
		if err != nil {
			return nil, err
		}
		text, ok := decode64(object(object(v).Get("payload")).Text("data"))
		if !ok {
			return nil, fail(nil, "Could not read %s from Google Secret Manager: its payload is not text", key)
		}
		result.Set(key, text)
	}
	return result, nil
}

func gcpLine(account, project, item, version string) string {
	user, chain, impersonate := strings.Cut(account, "|")
	line := "gcloud secrets versions access " + Escape(version) + " --secret=" + Escape(item)
	if project != "default" {
		line += " --project=" + Escape(project)
	}
	if user != "default" {
		line += " --account=" + Escape(user)
	}
	if impersonate {
		line += " --impersonate-service-account=" + Escape(chain)
	}
	return line + " --format=json"
}

// decode64 reads both alphabets: gcloud writes the one for URLs, as its manual
// shows (`tr '_-' '/+' | base64 -d`). Padding and line breaks don't matter. The
// result must be UTF-8, or it could not be passed on as JSON.
func decode64(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case strings.ContainsRune(plain, r) && !strings.ContainsRune(".,:@", r):
			return r
		}
		return -1
	}, s)
	b, err := base64.RawStdEncoding.DecodeString(s)
	return string(b), err == nil && utf8.Valid(b)
}
