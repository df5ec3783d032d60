package deploy

import (
	"context"
	"errors"
)

// besideSecrets runs f while the secrets are resolved, where nobody has to be
// asked for them, else after that. When both fail it gives both errors.
func (e *Engine) besideSecrets(ctx context.Context, f func(context.Context) error) error {
	if !e.SecretsAside {
		if _, err := e.Secrets.All(ctx); err != nil {
			return err
		}
		return f(ctx)
	}
	apart, cancel := context.WithCancel(ctx)
	defer cancel()
	resolved := make(chan error, 1)
	go func() {
		_, err := e.Secrets.All(apart)
		resolved <- err
	}()
	if err := f(ctx); err != nil {
		cancel()
		if other := <-resolved; !errors.Is(other, context.Canceled) {
			err = errors.Join(other, err)
		}
		return err
	}
	return <-resolved
}
