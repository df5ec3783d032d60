package edge_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/lab/cloudflare"
)

const token = "cf-token-0123456789"

// begin starts the stand-in and makes a client of it.
func begin(t *testing.T) (*cloudflare.Server, *edge.Client) {
	t.Helper()
	s, err := cloudflare.Start(token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // the test is over
	return s, client(t, s, token)
}

func client(t *testing.T, s *cloudflare.Server, token string) *edge.Client {
	t.Helper()
	transport := s.Transport()
	t.Cleanup(transport.(*http.Transport).CloseIdleConnections)
	c, err := edge.New(edge.Options{
		Token: secret.New(token), BaseURL: s.URL, Transport: transport, MaxWait: 10 * time.Second, Poll: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// deaf loses the answer to the first POST to a path.
type deaf struct {
	http.RoundTripper
	path string
	lost atomic.Bool
}

func (d *deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := d.RoundTripper.RoundTrip(r)
	if err != nil || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, d.path) || d.lost.Swap(true) {
		return res, err
	}
	return nil, errors.Join(errors.New("connection reset by peer"), res.Body.Close())
}

// What was made by a try whose answer got lost is there when the next try says so.
func TestALostAnswerIsNoFailure(t *testing.T) {
	for path, do := range map[string]func(*edge.Client) error{
		"/rules/lists":    func(c *edge.Client) error { _, err := upload(t, c, redirects(t, rows(3, nil))); return err },
		"/workers/routes": func(c *edge.Client) error { _, err := deploy(t, c, workerOf(t)); return err },
	} {
		s, _ := begin(t)
		d := &deaf{RoundTripper: s.Transport(), path: path}
		t.Cleanup(d.RoundTripper.(*http.Transport).CloseIdleConnections)
		c, err := edge.New(edge.Options{Token: secret.New(token), BaseURL: s.URL, Transport: d, Poll: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := do(c); err != nil || !d.lost.Load() {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A wait beyond all numbers is one that is not granted.
func TestAnEndlessRetryAfter(t *testing.T) {
	c, err := edge.New(edge.Options{Token: secret.New(token), Transport: endless{}, Poll: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var e *edge.Error
	if err := c.PurgeEverything(t.Context(), cloudflare.Zone); !errors.As(err, &e) || e.Kind != edge.KindServer || !strings.Contains(err.Error(), "it asks to wait") {
		t.Errorf("error %v", err)
	}
}

type endless struct{}

func (endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1e300"}}, Body: http.NoBody, Request: r}, nil
}

func TestTheTokenGoesToHTTPSOnly(t *testing.T) {
	for _, at := range []string{"http://api.example.test/", "api.example.test", "https://"} {
		if _, err := edge.New(edge.Options{Token: secret.New("x"), BaseURL: at}); err == nil {
			t.Errorf("%s is taken", at)
		}
	}
	if _, err := edge.New(edge.Options{}); err == nil {
		t.Error("an empty token is taken")
	}
}

func TestAWrongTokenIsAnAuthError(t *testing.T) {
	s, _ := begin(t)
	err := client(t, s, "another").PurgeEverything(t.Context(), cloudflare.Zone)
	var e *edge.Error
	if !errors.As(err, &e) || e.Kind != edge.KindAuth || !e.Has(10000) {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(err.Error(), "Authentication error (code 10000), cf-ray ") || strings.Contains(err.Error(), "another") {
		t.Errorf("error %q", err)
	}
	if h := e.Hints(); len(h) != 1 || !strings.Contains(h[0], "Cache Purge") {
		t.Errorf("hints %q", h)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// 429, 5xx, an answer without success, and a cut connection are tried again as
// far as they may pass.
func TestWhatMayPassIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		faults   []cloudflare.Fault
		requests int
		want     string // of the error
	}{
		"429, then good":       {[]cloudflare.Fault{{TooMany: "1"}}, 2, ""},
		"502 in HTML":          {[]cloudflare.Fault{{HTML: true}}, 2, ""},
		"502 for good":         {[]cloudflare.Fault{{HTML: true}, {HTML: true}, {HTML: true}}, 3, "502 Bad Gateway, and not in the API's form"},
		"cut":                  {[]cloudflare.Fault{{Cut: true}}, 2, ""},
		"200 without success":  {[]cloudflare.Fault{{Untrue: true}}, 1, "Cloudflare answers 200: something went wrong"},
		"429 that asks a lot":  {[]cloudflare.Fault{{TooMany: "300"}}, 1, "it asks to wait 5m0s"},
		"429 with a date past": {[]cloudflare.Fault{{TooMany: "Mon, 02 Jan 2006 15:04:05 GMT"}}, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cl := begin(t)
			s.Fail(c.faults...)
			begin := time.Now()
			err := cl.PurgeEverything(t.Context(), cloudflare.Zone)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, wanted %q", err, c.want)
			}
			if n := len(s.Requests()); n != c.requests {
				t.Errorf("%d requests, wanted %d", n, c.requests)
			}
			if c.faults[0].TooMany == "1" && time.Since(begin) < time.Second {
				t.Errorf("it waited %s, and 1 s was asked", time.Since(begin))
			}
		})
	}
}

func TestNoAnswerIsUnreachable(t *testing.T) {
	s, c := begin(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	err := c.PurgeEverything(t.Context(), cloudflare.Zone)
	var e *edge.Error
	if !errors.As(err, &e) || e.Kind != edge.KindUnreachable || !strings.Contains(err.Error(), "no answer from 127.0.0.1:") || strings.Contains(err.Error(), "dial") {
		t.Errorf("error %v", err)
	}
}

func TestACancelledCallEndsAtOnce(t *testing.T) {
	s, c := begin(t)
	s.Fail(cloudflare.Fault{TooMany: "9"})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := c.PurgeEverything(ctx, cloudflare.Zone); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
