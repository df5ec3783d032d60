package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/option"

	"github.com/warmlyyours/hwdeploy/internal/secret"
)

// DefaultBaseURL is where Cloudflare's API is.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4/"

// Options say how the API is reached. Only Token is needed.
type Options struct {
	Token     secret.Secret
	BaseURL   string            // https; "" = DefaultBaseURL
	UserAgent string            // "" = Go's
	Transport http.RoundTripper // nil = http.DefaultTransport
	// MaxWait is the longest wait that is granted when the API asks for one; 0 =
	// one minute.
	MaxWait time.Duration
	// Poll is the first pause between two looks at a running operation; 0 = one
	// second. It doubles up to 16 times that.
	Poll time.Duration
}

// Client speaks to the API with one token. It is safe for concurrent use.
type Client struct {
	o    Options
	base *url.URL
	http *http.Client
}

// New makes a client; it sends nothing yet.
func New(o Options) (*Client, error) {
	if o.Token.IsZero() {
		return nil, errors.New("the Cloudflare token is empty")
	}
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(strings.TrimSuffix(o.BaseURL, "/") + "/")
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("the address of Cloudflare's API, %s, should begin with https://", o.BaseURL)
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.MaxWait == 0 {
		o.MaxWait = time.Minute
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	// A redirect would carry the token on.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{o: o, base: base, http: &http.Client{Transport: o.Transport, CheckRedirect: stay, Timeout: 5 * time.Minute}}, nil
}

// library are the options of cloudflare-go's services. Retries are ours: its own
// wait for as long as the API asks.
func (c *Client) library() []option.RequestOption {
	return []option.RequestOption{
		option.WithBaseURL(c.base.String()), option.WithHTTPClient(c.http), option.WithMaxRetries(0),
		option.WithMiddleware(func(r *http.Request, next option.MiddlewareNext) (*http.Response, error) { return c.send(r, next) }),
	}
}

// envelope is the form of every answer.
type envelope[T any] struct {
	Result     T `json:"result"`
	ResultInfo struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
	} `json:"result_info"`
}

// call makes a request that the library has no use for. path is below the base;
// body and into may be nil.
func (c *Client) call(ctx context.Context, method, path string, body payload, into any) error {
	at, err := c.base.Parse(path)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body.data))
	if err != nil {
		return err
	}
	if body.kind != "" {
		r.Header.Set("Content-Type", body.kind)
	}
	res, err := c.send(r, c.http.Do)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it is in memory
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// payload is a body with its type.
type payload struct {
	kind string
	data []byte
}

func jsonBody(v any) (payload, error) {
	text, err := json.Marshal(v)
	return payload{"application/json", text}, err
}

// write is call with a JSON body; nothing of the answer is wanted but success.
func (c *Client) write(ctx context.Context, method, path string, body any) error {
	p, err := jsonBody(body)
	if err != nil {
		return err
	}
	return c.call(ctx, method, path, p, nil)
}

// read is call without a body.
func (c *Client) read(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, payload{}, into)
}
