package vault

import (
	"context"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// The names of the environment that matter here.
const (
	destinationVar = "KAMAL_DESTINATION"
	tokenVar       = "OP_SERVICE_ACCOUNT_TOKEN"
)

// environment is KEY=value words; the last of a name counts.
type environment []string

func (e environment) lookup(name string) (string, bool) {
	for _, kv := range slices.Backward(e) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

func (e environment) without(names ...string) environment {
	return slices.DeleteFunc(slices.Clone(e), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(names, name)
	})
}

// environment gives what commands see, and 1Password's service-account token.
// With a token the variables of 1Password Connect are dropped, since they would
// take precedence
// (https://developer.1password.com/docs/service-accounts/use-with-1password-cli/).
func (v *Vault) environment(ctx context.Context) (environment, secret.Secret, error) {
	// Never nil: to a Runner nil means the environment of this process.
	env := append(environment{}, environment(v.o.Environ).without(destinationVar)...)
	if v.o.Destination != "" {
		env = append(env, destinationVar+"="+v.o.Destination)
	}
	token, err := v.token(ctx)
	if err != nil || token.IsZero() {
		return env, token, err
	}
	v.red.Add(token.Reveal())
	return append(env.without(tokenVar, "OP_CONNECT_HOST", "OP_CONNECT_TOKEN"), tokenVar+"="+token.Reveal()), token, nil
}
