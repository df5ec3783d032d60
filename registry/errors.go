package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/warmlyyours/hwdeploy/internal/neterr"
)

// Kind is why a call failed.
type Kind string

// The kinds of Error. Credentials are an *AuthError.
const (
	KindOther       Kind = "other"
	KindNotFound    Kind = "not found"    // no such image, or hidden from this user
	KindRateLimited Kind = "rate limited" // 429, after three tries
	KindServer      Kind = "server"       // 5xx, after three tries
	KindUnreachable Kind = "unreachable"  // no answer at all
	KindPlainHTTP   Kind = "plain http"   // https fails and http is not allowed
)

// Error is a call that failed for another reason than the credentials.
type Error struct {
	Server string
	Op     string // in words: "resolve ghcr.io/o/app:v1"
	Kind   Kind
	Status int // of HTTP; 0 = none
	Err    error
	text   string
}

// Error reads "resolve ghcr.io/o/app:v1: MANIFEST_UNKNOWN: manifest unknown (404)".
func (e *Error) Error() string { return e.Op + ": " + e.text }

func (e *Error) Unwrap() error { return e.Err }

// AuthError is a refusal of the credentials: unknown (401), or known and not
// allowed (403).
type AuthError struct {
	Server string
	User   string // "" = anonymous
	Op     string
	Status int
	Err    error
	text   string
}

// Error names server and user and the registry's own words.
func (e *AuthError) Error() string {
	who := "user " + e.User
	if e.User == "" {
		who = "an anonymous user"
	}
	return fmt.Sprintf("%s: %s refuses %s: %s", e.Op, e.Server, who, e.text)
}

func (e *AuthError) Unwrap() error { return e.Err }

// Hints are what to try, one sentence each, in the order of likelihood.
func (e *AuthError) Hints() []string {
	var list []string
	if e.User == "" {
		list = append(list, "set registry.username and registry.password")
	}
	if e.Server == "ghcr.io" {
		list = append(list,
			"ghcr.io takes a classic personal access token with write:packages (read:packages to pull), or GITHUB_TOKEN in Actions with packages: write; fine-grained tokens are not accepted",
			"with single sign-on, authorise the token for the organization",
			"give the repository a role on the package (package settings, Manage Actions access), or label the image org.opencontainers.image.source")
		return list
	}
	if e.Status == http.StatusForbidden {
		return append(list, "the credentials are known, but may not do this: check the rights of the user or token on this repository")
	}
	return append(list, "check that the password or token is right and has not expired")
}

// IsNotFound tells that there is no such image, or that it is hidden.
func IsNotFound(err error) bool { return kind(err) == KindNotFound }

func kind(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// fail gives an error of the library its type.
func (c *Client) fail(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	var terr *transport.Error
	if errors.As(err, &terr) {
		return c.answered(op, terr)
	}
	e := &Error{Server: c.Server(), Op: op, Kind: KindOther, Err: err, text: neterr.Text(err)}
	var plain *PlainHTTPError
	var uerr *url.Error
	switch {
	case errors.Is(err, http.ErrSchemeMismatch) && c.plain.lets(c.registry.RegistryStr()):
		// What counts is the try without encryption; the text has both.
		e.Kind, e.text = KindUnreachable, "no answer from "+e.Server+": "+err.Error()
	case errors.Is(err, http.ErrSchemeMismatch):
		e.Kind, e.text = KindPlainHTTP, e.Server+" speaks plain HTTP, which is not allowed for it"
	case errors.As(err, &uerr) && !errors.As(uerr.Err, &plain):
		e.Kind, e.text = KindUnreachable, "no answer from "+e.Server+": "+neterr.Text(err)
	case errors.As(err, &plain):
		e.Kind, e.text = KindPlainHTTP, plain.Error()
	}
	return e
}

// answered sorts by status, and by code where registries disagree on it.
func (c *Client) answered(op string, terr *transport.Error) error {
	text := words(terr)
	code := func(want transport.ErrorCode) bool {
		return len(terr.Errors) > 0 && terr.Errors[0].Code == want
	}
	switch {
	case terr.StatusCode == http.StatusUnauthorized, terr.StatusCode == http.StatusForbidden,
		code(transport.DeniedErrorCode), code(transport.UnauthorizedErrorCode):
		return &AuthError{Server: c.Server(), User: c.o.Username, Op: op, Status: terr.StatusCode, Err: terr, text: text}
	}
	e := &Error{Server: c.Server(), Op: op, Kind: KindOther, Status: terr.StatusCode, Err: terr, text: text}
	switch {
	case terr.StatusCode == http.StatusNotFound:
		e.Kind = KindNotFound
	case terr.StatusCode == http.StatusTooManyRequests:
		e.Kind = KindRateLimited
	case terr.StatusCode >= http.StatusInternalServerError:
		e.Kind = KindServer
	}
	return e
}

// words are the registry's codes and messages, without the address.
func words(terr *transport.Error) string {
	status := fmt.Sprintf("%d %s", terr.StatusCode, http.StatusText(terr.StatusCode))
	var list []string
	for _, d := range terr.Errors {
		list = append(list, strings.TrimSpace(string(d.Code)+": "+d.Message))
	}
	if len(list) == 0 {
		return status
	}
	return strings.Join(list, "; ") + " (" + status + ")"
}
