// Package onepassword resolves 1Password references by a service account, with
// 1Password's own SDK: all of them in one request.
//
// It never asks a person; without a token the op program does (package vault).
// Nothing of the SDK runs before the first call: its core is WebAssembly, which
// takes seconds and a hundred megabytes to compile.
//
// Laws: one request per call, since 1Password counts requests; each reference
// gets a value or a reason; no value is in an error.
//
// Sources: https://developer.1password.com/docs/sdks/load-secrets/,
// https://developer.1password.com/docs/service-accounts/rate-limits/,
// https://github.com/1Password/onepassword-sdk-go.
package onepassword

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/1password/onepassword-sdk-go"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// Secrets is what is used of the SDK's client.
type Secrets interface {
	ResolveAll(ctx context.Context, refs []string) (sdk.ResolveAllResponse, error)
}

// Connect opens a client for a token.
type Connect func(ctx context.Context, token secret.Secret) (Secrets, error)

// SDK connects to 1Password as the named version of this program.
func SDK(version string) Connect {
	return func(ctx context.Context, token secret.Secret) (Secrets, error) {
		c, err := sdk.NewClient(ctx,
			sdk.WithServiceAccountToken(token.Reveal()), sdk.WithIntegrationInfo("hwdeploy", version))
		if err != nil {
			return nil, err
		}
		return c.Secrets(), nil
	}
}

// open connects. The start of the core cannot be interrupted: when ctx ends
// meanwhile it is left to itself.
func (c Connect) open(ctx context.Context, token secret.Secret) (Secrets, error) {
	type made struct {
		client Secrets
		err    error
	}
	ready := make(chan made, 1)
	go func() {
		client, err := c(ctx, token)
		ready <- made{client, err}
	}()
	select {
	case m := <-ready:
		return m.client, m.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Resolve gives the values of refs, and a reason for each that has none. err is
// about all of them: a bad token, no network, the rate limit.
func (c Connect) Resolve(ctx context.Context, token secret.Secret, refs []string) (map[string]secret.Secret, map[string]error, error) {
	client, err := c.open(ctx, token)
	if err != nil {
		return nil, nil, fmt.Errorf("service account: %w", err)
	}
	answer, err := client.ResolveAll(ctx, refs)
	if err != nil {
		return nil, nil, limit(err)
	}
	values, failed := map[string]secret.Secret{}, map[string]error{}
	for _, ref := range refs {
		switch r, ok := answer.IndividualResponses[ref]; {
		case ok && r.Content != nil:
			values[ref] = secret.New(r.Content.Secret)
		case ok && r.Error != nil:
			failed[ref] = reason(*r.Error)
		default:
			failed[ref] = errors.New("1Password gave no answer")
		}
	}
	return values, failed, nil
}

func limit(err error) error {
	var l *sdk.RateLimitExceededError
	if errors.As(err, &l) {
		return fmt.Errorf("the service account's limit is reached, see `op service-account ratelimit`: %w", err)
	}
	return err
}

// reason says in words why a reference has no value.
func reason(e sdk.ResolveReferenceError) error {
	words := map[sdk.ResolveReferenceErrorTypes]string{
		sdk.ResolveReferenceErrorTypeVariantFieldNotFound:                         "the item has no such field",
		sdk.ResolveReferenceErrorTypeVariantVaultNotFound:                         "no such vault, or the service account may not read it",
		sdk.ResolveReferenceErrorTypeVariantTooManyVaults:                         "several vaults have this name; use the vault's id",
		sdk.ResolveReferenceErrorTypeVariantItemNotFound:                          "the vault has no such item",
		sdk.ResolveReferenceErrorTypeVariantTooManyItems:                          "several items have this name; use the item's id",
		sdk.ResolveReferenceErrorTypeVariantTooManyMatchingFields:                 "several fields have this name; name the section or use the field's id",
		sdk.ResolveReferenceErrorTypeVariantNoMatchingSections:                    "the item has no such section",
		sdk.ResolveReferenceErrorTypeVariantIncompatibleTOTPQueryParameterField:   "the field is no one-time password",
		sdk.ResolveReferenceErrorTypeVariantUnableToGenerateTOTPCode:              "the one-time password can't be made",
		sdk.ResolveReferenceErrorTypeVariantSSHKeyMetadataNotFound:                "the item is no SSH key",
		sdk.ResolveReferenceErrorTypeVariantUnsupportedFileFormat:                 "the file is not text",
		sdk.ResolveReferenceErrorTypeVariantIncompatibleSSHKeyQueryParameterField: "the field is no private key",
		sdk.ResolveReferenceErrorTypeVariantUnableToParsePrivateKey:               "the private key can't be read",
		sdk.ResolveReferenceErrorTypeVariantUnableToFormatPrivateKeyToOpenSSH:     "the private key can't be written for OpenSSH",
	}
	switch text, ok := words[e.Type]; {
	case ok:
		return errors.New(text)
	case e.Type == sdk.ResolveReferenceErrorTypeVariantParsing:
		return fmt.Errorf("not a good reference (op://vault/item/[section/]field; use ids for names with other characters than letters, digits, `-`, `_`, `.` and blanks): %s", e.Parsing())
	}
	return fmt.Errorf("1Password refused it (%s)", e.Type)
}
