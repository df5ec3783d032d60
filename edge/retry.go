package edge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/warmlyyours/hwdeploy/internal/neterr"
)

const (
	tries = 3
	// maxAnswer is the largest answer that is read: a page of list items has some
	// hundred kilobytes.
	maxAnswer = 64 << 20
)

// send is the way of every request: the token on it, up to three tries on 429,
// 5xx and broken connections, as long apart as Retry-After says, and an answer
// that is read whole and judged. An answer that is no success is an *Error.
func (c *Client) send(r *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+c.o.Token.Reveal())
	if c.o.UserAgent != "" {
		r.Header.Set("User-Agent", c.o.UserAgent)
	}
	ctx := r.Context()
	pause := &pace{BackOff: backoff.NewExponentialBackOff()}
	return backoff.Retry(ctx, func() (*http.Response, error) { return c.try(ctx, r, next, pause) },
		backoff.WithBackOff(pause), backoff.WithMaxTries(tries), backoff.WithMaxElapsedTime(0))
}

func (c *Client) try(ctx context.Context, r *http.Request, next func(*http.Request) (*http.Response, error), pause *pace) (*http.Response, error) {
	again := r.Clone(ctx)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, backoff.Permanent(err)
		}
		again.Body = body
	}
	pause.asked = 0
	res, err := next(again)
	if err != nil {
		pause.lost = true
		return nil, c.unreachable(ctx, err)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	res.Body.Close() //nolint:errcheck // what counts was read
	if err != nil {
		pause.lost = true
		return nil, c.unreachable(ctx, err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	bad := judge(res, body)
	if bad == nil {
		return res, nil
	}
	bad.Lost = pause.lost
	pause.lost = pause.lost || bad.Kind == KindServer
	if !bad.Temporary() {
		return nil, backoff.Permanent(bad)
	}
	pause.asked = retryAfter(res.Header, time.Now())
	if pause.asked > c.o.MaxWait {
		bad.text += fmt.Sprintf("; it asks to wait %s", pause.asked.Round(time.Second))
		return nil, backoff.Permanent(bad)
	}
	if bad.Kind == KindRateLimited {
		pause.asked = max(pause.asked, time.Second)
	}
	return nil, bad
}

func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return backoff.Permanent(context.Cause(ctx))
	}
	return &Error{Kind: KindUnreachable, Err: err, text: "no answer from " + c.base.Host + ": " + neterr.Text(err)}
}

// pace is a pause that grows, unless the API asks for one, which is kept with up
// to a tenth on top.
type pace struct {
	backoff.BackOff
	asked time.Duration
	lost  bool // a try got no answer of the API's
}

// NextBackOff implements backoff.BackOff.
func (p *pace) NextBackOff() time.Duration {
	own := p.BackOff.NextBackOff()
	if p.asked == 0 {
		return own
	}
	return p.asked + rand.N(p.asked/10+1) //nolint:gosec // spreads load
}

// retryAfter reads Retry-After, which is in seconds or a date; 0 = not asked.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
		return time.Duration(min(s, 1e9) * float64(time.Second)) // more does not fit
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
