package onepassword_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	sdk "github.com/1password/onepassword-sdk-go"

	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/internal/vault"
	"github.com/warmlyyours/hwdeploy/internal/vault/onepassword"
)

var _ vault.ResolveFunc = onepassword.Connect(nil).Resolve

// account answers from the JSON that 1Password's core gives, and counts.
type account struct {
	json  string
	err   error
	asked [][]string
}

func (a *account) ResolveAll(_ context.Context, refs []string) (r sdk.ResolveAllResponse, err error) {
	a.asked = append(a.asked, refs)
	if a.err != nil {
		return r, a.err
	}
	err = json.Unmarshal([]byte(a.json), &r)
	return r, err
}

func (a *account) connect(context.Context, secret.Secret) (onepassword.Secrets, error) { return a, nil }

const answers = `{"individualResponses":{
 "op://v/i/good":{"content":{"secret":"p$a\n\"ss","itemId":"1","vaultId":"2"}},
 "op://v/i/none":{"error":{"type":"fieldNotFound"}},
 "op://v/i/b@d":{"error":{"type":"parsing","message":"invalid character"}},
 "op://v/i/new":{"error":{"type":"other"}}}}`

func TestResolve(t *testing.T) {
	a := &account{json: answers}
	refs := []string{"op://v/i/good", "op://v/i/none", "op://v/i/b@d", "op://v/i/new", "op://v/i/silent"}
	values, failed, err := onepassword.Connect(a.connect).Resolve(t.Context(), secret.New("ops_x"), refs)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.asked) != 1 || fmt.Sprint(a.asked[0]) != fmt.Sprint(refs) {
		t.Errorf("asked %v", a.asked)
	}
	if len(values) != 1 || values["op://v/i/good"].Reveal() != "p$a\n\"ss" {
		t.Errorf("values %v", values)
	}
	for ref, want := range map[string]string{
		"op://v/i/none": "no such field", "op://v/i/b@d": "invalid character", "op://v/i/new": "(other)", "op://v/i/silent": "no answer",
	} {
		if failed[ref] == nil || !strings.Contains(failed[ref].Error(), want) {
			t.Errorf("%s: %v", ref, failed[ref])
		}
	}
}

func TestErrorsAboutAll(t *testing.T) {
	boom := errors.New("offline")
	a := &account{err: boom}
	if _, _, err := onepassword.Connect(a.connect).Resolve(t.Context(), secret.New("t"), []string{"op://a/b/c"}); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	a.err = &sdk.RateLimitExceededError{}
	if _, _, err := onepassword.Connect(a.connect).Resolve(t.Context(), secret.New("t"), []string{"op://a/b/c"}); err == nil ||
		!strings.Contains(err.Error(), "limit is reached") {
		t.Errorf("got %v", err)
	}
}

// TestTheRealCoreRefusesABadToken runs 1Password's core, which needs no network
// to see that a token is none.
func TestTheRealCoreRefusesABadToken(t *testing.T) {
	_, _, err := onepassword.SDK("test").Resolve(t.Context(), secret.New("not-a-token"), []string{"op://a/b/c"})
	if err == nil || !strings.Contains(err.Error(), "service account token had invalid format") || strings.Contains(err.Error(), "not-a-token") {
		t.Errorf("got %v", err)
	}
}

// A cancelled run does not wait for the core, whose start can't be interrupted.
func TestTheStartOfTheCoreIsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	goOn := make(chan struct{})
	defer close(goOn)
	slow := onepassword.Connect(func(context.Context, secret.Secret) (onepassword.Secrets, error) {
		cancel()
		<-goOn
		return nil, nil
	})
	if _, _, err := slow.Resolve(ctx, secret.New("ops_x"), []string{"op://a/b/c"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
