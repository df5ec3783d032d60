package facts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

func secretFacts() []source {
	return []source{
		{name: "secret_names", value: func(ctx context.Context, o Options, _ string) (string, error) {
			names, err := secretNames(ctx, o)
			return list(names), err
		}},
		{name: "secret", secret: true, subjects: secretSubjects, value: func(ctx context.Context, o Options, name string) (string, error) {
			v, err := o.lookup(ctx)(name)
			return quoted(v), err
		}},
	}
}

// secretSubjects are the names in the files, then those that the configuration
// asks for; when the files can't be read, the entry to blame.
func secretSubjects(ctx context.Context, o Options) []string {
	names, err := secretNames(ctx, o)
	var file *vault.FileError
	if errors.As(err, &file) && file.Name != "" {
		names = append(names, file.Name)
	}
	for _, name := range resolve.SecretNames(o.Config) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func secretNames(ctx context.Context, o Options) ([]string, error) {
	if o.Secrets == nil {
		return nil, fmt.Errorf("secrets are not known here")
	}
	entries, err := o.Secrets.All(ctx)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	return names, err
}
