package registry

import (
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Stored gives the credentials that docker keeps for a registry host: those of
// its config.json, or of the credential helper that is named there. Empty = none,
// also when the helper fails, as with docker. A password without a username is an
// identity token.
//
// Source: https://docs.docker.com/reference/cli/docker/login/#credential-stores
func Stored(host string) (username string, password secret.Secret) {
	reg, err := name.NewRegistry(host)
	if err != nil {
		return "", secret.Secret{}
	}
	auth, err := authn.DefaultKeychain.Resolve(reg)
	if err != nil {
		return "", secret.Secret{}
	}
	c, err := auth.Authorization()
	if err != nil {
		return "", secret.Secret{}
	}
	if c.IdentityToken != "" {
		return "", secret.New(c.IdentityToken)
	}
	return c.Username, secret.New(c.Password)
}
