package registry

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Login checks the credentials against the registry. Errors: *AuthError, *Error.
func (c *Client) Login(ctx context.Context) error {
	op := "log in to " + c.Server()
	client, err := c.client(ctx, nil)
	if err != nil {
		return c.fail(ctx, op, err)
	}
	// A registry with Basic authentication has not seen the credentials yet.
	_, err = call(ctx, client, http.MethodGet, c.url("/v2/"), http.StatusOK)
	return c.fail(ctx, op, err)
}

// CheckPush checks the right to push to a repository, by beginning an upload
// and giving it up.
func (c *Client) CheckPush(ctx context.Context, repo string) error {
	r, err := c.repository(repo)
	if err != nil {
		return err
	}
	op := "check the right to push to " + r.Name()
	client, err := c.client(ctx, []string{r.Scope(transport.PushScope)})
	if err != nil {
		return c.fail(ctx, op, err)
	}
	at := c.url("/v2/" + r.RepositoryStr() + "/blobs/uploads/")
	header, err := call(ctx, client, http.MethodPost, at, http.StatusAccepted)
	if err != nil {
		return c.fail(ctx, op, err)
	}
	return c.giveUp(ctx, client, at, header.Get("Location"))
}

// giveUp cancels an upload. Registries, and what stands in front of them, need not
// know how: it is forgotten by itself, so any answer will do, and none.
func (c *Client) giveUp(ctx context.Context, client *http.Client, began, location string) error {
	base, err := url.Parse(began)
	if err != nil {
		return err
	}
	to, err := base.Parse(location)
	if err != nil || location == "" || to.Host != base.Host {
		return nil //nolint:nilerr // nothing that could be cancelled
	}
	if _, err = call(ctx, client, http.MethodDelete, to.String()); ctx.Err() != nil {
		return c.fail(ctx, "give up a trial upload to "+c.Server(), err)
	}
	return nil
}

func (c *Client) client(ctx context.Context, scopes []string) (*http.Client, error) {
	patient := transport.NewRetry(c.plain, transport.WithRetryBackoff(c.backoff()), transport.WithRetryStatusCodes(passing...))
	t, err := transport.NewWithContext(ctx, c.registry, c.auth, patient, scopes)
	if err != nil {
		return nil, err
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: t, CheckRedirect: stay}, nil
}

// passing are the statuses after which the library's own calls try again.
var passing = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// url is an address on the registry; the transport corrects the scheme.
func (c *Client) url(path string) string {
	return c.registry.Scheme() + "://" + c.registry.RegistryStr() + path
}

// call sends a request without a body and reads the answer away.
func call(ctx context.Context, client *http.Client, method, url string, want ...int) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	err = transport.CheckError(resp, want...)
	if _, derr := io.Copy(io.Discard, resp.Body); err == nil {
		err = derr
	}
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	return resp.Header, err
}
