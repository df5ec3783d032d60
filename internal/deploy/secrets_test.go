package deploy

import (
	"context"
	"errors"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// box resolves when it is let.
type box struct {
	begun, goOn, ended chan struct{}
	err                error
}

func newBox(err error) *box {
	return &box{begun: make(chan struct{}), goOn: make(chan struct{}), ended: make(chan struct{}), err: err}
}

func (b *box) Lookup(context.Context, string) (secret.Secret, error) { return secret.Secret{}, nil }

func (b *box) All(ctx context.Context) ([]NamedSecret, error) {
	close(b.begun)
	defer close(b.ended)
	select {
	case <-b.goOn:
		return nil, b.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Where nobody has to be asked, the secrets are resolved while the rest goes on;
// whichever fails is told, and what fails ends the other.
func TestSecretsAreResolvedBesideOtherWork(t *testing.T) {
	no := errors.New("no")
	for name, c := range map[string]struct{ secrets, other, want error }{
		"both":          {nil, nil, nil},
		"secrets fail":  {no, nil, no},
		"the rest does": {nil, no, no},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(c.secrets)
			err := (&Engine{Secrets: b, SecretsAside: true}).besideSecrets(t.Context(), func(context.Context) error {
				<-b.begun
				if c.other == nil {
					close(b.goOn) // else only the end of their context ends them
				}
				return c.other
			})
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBothFailuresAreTold(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	b := newBox(one)
	e := &Engine{Secrets: b, SecretsAside: true}
	err := e.besideSecrets(t.Context(), func(ctx context.Context) error {
		close(b.goOn)
		<-b.ended
		return two
	})
	if !errors.Is(err, one) || !errors.Is(err, two) {
		t.Errorf("got %v", err)
	}
}

func TestSecretsThatAreAskedForComeFirst(t *testing.T) {
	no := errors.New("no")
	b := newBox(no)
	close(b.goOn)
	err := (&Engine{Secrets: b}).besideSecrets(t.Context(), func(context.Context) error {
		t.Error("the rest went on without them")
		return nil
	})
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}
