// Package load sends a steady, bounded stream of GET requests to a lab and tells
// what came back: how many failed, by status and error, which versions answered,
// how long it took.
//
// Laws: the rate is kept whatever the answers take, so a stall shows as latency
// or errors, not as fewer requests; only loopback and lab addresses are ever
// sent to; rate, time and number are bounded.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The bounds of one run.
const (
	MaxRate = 2000
	MaxTime = 5 * time.Minute
)

// labs is where package lab puts its networks.
var labs = netip.MustParsePrefix("172.28.0.0/16")

// Options say what to send. URL and Rate are needed.
type Options struct {
	URL  string // http only; its host is an address, or "localhost"
	Host string // Host header; "" = from URL
	// Rate is requests a second, at most MaxRate.
	Rate int
	// For is how long, at most MaxTime; 0 = until Stop, at most MaxTime.
	For time.Duration
	// Count is how many at most; 0 = as many as fit in For.
	Count int
	// Timeout of one request; 0 = 10 s.
	Timeout time.Duration
	// KeepAlive reuses connections; otherwise each request has its own.
	KeepAlive bool
	// VersionHeader names the header that tells which version answered; "" = X-Version.
	VersionHeader string
}

func (o Options) checked() (Options, error) {
	if o.Rate < 1 || o.Rate > MaxRate {
		return o, fmt.Errorf("load: rate %d is not within 1 to %d", o.Rate, MaxRate)
	}
	if o.For < 0 || o.For > MaxTime {
		return o, fmt.Errorf("load: %s is more than %s", o.For, MaxTime)
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return o, fmt.Errorf("load: %w", err)
	}
	if u.Scheme != "http" {
		return o, fmt.Errorf("load: %s is not an http address", o.URL)
	}
	if err := allowed(u.Hostname()); err != nil {
		return o, err
	}
	if o.For == 0 {
		o.For = MaxTime
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.VersionHeader == "" {
		o.VersionHeader = "X-Version"
	}
	if most := int(o.For.Seconds() * float64(o.Rate)); o.Count <= 0 || o.Count > most {
		o.Count = max(most, 1)
	}
	return o, nil
}

func allowed(host string) error {
	if host == "localhost" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return fmt.Errorf("load: %q is not an address of this machine or of a lab", host)
	}
	if ip = ip.Unmap(); !ip.IsLoopback() && !labs.Contains(ip) {
		return fmt.Errorf("load: %s is neither loopback nor in %s: load is for labs only", ip, labs)
	}
	return nil
}

// Run is a stream of requests under way.
type Run struct {
	o      Options
	client *http.Client
	stop   context.CancelFunc
	done   chan struct{}
	tally  tally
}

// Start begins to send; ctx bounds the whole run, requests included.
func Start(ctx context.Context, o Options) (*Run, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	sending, stop := context.WithCancel(ctx)
	r := &Run{o: o, client: client(o), stop: stop, done: make(chan struct{}), tally: newTally()}
	go r.send(sending, ctx)
	return r, nil
}

// Stop sends no more, waits for the answers that are still out and reports. It
// may be called again, and gives the same.
func (r *Run) Stop() Report {
	r.stop()
	return r.Wait()
}

// Wait waits until the run has ended by itself, and reports.
func (r *Run) Wait() Report {
	<-r.done
	return r.tally.report()
}

// Sent is the number of answers and failures so far.
func (r *Run) Sent() int { return r.tally.count() }

// Do runs from beginning to end.
func Do(ctx context.Context, o Options) (Report, error) {
	r, err := Start(ctx, o)
	if err != nil {
		return Report{}, err
	}
	return r.Wait(), nil
}

func client(o Options) *http.Client {
	dialer := net.Dialer{Timeout: o.Timeout}
	transport := &http.Transport{DisableKeepAlives: !o.KeepAlive, MaxIdleConnsPerHost: 256, DisableCompression: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err == nil {
				err = allowed(host)
			}
			if err != nil {
				return nil, err
			}
			return dialer.DialContext(ctx, network, addr)
		}}
	return &http.Client{Timeout: o.Timeout, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// send starts request i at its time, however long the others take.
func (r *Run) send(sending, ctx context.Context) {
	defer close(r.done)
	defer r.stop()
	defer r.client.CloseIdleConnections()
	var out sync.WaitGroup
	defer out.Wait()
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range r.o.Count {
		timer.Reset(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(r.o.Rate))))
		select {
		case <-sending.Done():
			return
		case <-timer.C:
		}
		out.Go(func() { r.tally.add(r.get(ctx, start)) })
	}
}

func (r *Run) get(ctx context.Context, start time.Time) result {
	began := time.Now()
	res := result{at: began.Sub(start)}
	err := func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.o.URL, nil)
		if err != nil {
			return err
		}
		req.Host = r.o.Host
		resp, err := r.client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		res.status, res.version = resp.StatusCode, resp.Header.Get(r.o.VersionHeader)
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}()
	res.took = time.Since(began)
	if err != nil {
		res.err = cause(err)
	}
	return res
}

// cause is the innermost part of an error, without addresses that differ from
// one request to the next.
func cause(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timeout"
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return text
}
