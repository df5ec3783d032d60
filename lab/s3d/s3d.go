// Package s3d is the lab's S3 service: a real S3 server (lab/s3gateway) behind
// R2's own refusals, a log of requests, and faults on demand.
//
// Laws: what R2 refuses is refused (checksum trailers, ACLs, tagging, writes
// without a length); a fault strikes before the server sees the request, so
// nothing is stored by it; the log holds no signatures.
//
// Source: https://developers.cloudflare.com/r2/api/s3/api/
package s3d

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// Account is a key that may do everything, or (the guest) is known and may do
// nothing.
type Account struct{ Key, Secret string }

// Options are for Start.
type Options struct {
	Program string // the built lab/s3gateway
	Dir     string // an empty folder for everything that is stored
	Account Account
	Guest   Account
	// Loose leaves R2's refusals out, for clients that are not ours.
	Loose bool
}

// Faults are what the service does wrong until told otherwise.
type Faults struct {
	Status int    `json:"status"` // answer with this status; 0 = no fault
	Method string `json:"method"` // only requests of this method; "" = any
	Times  int    `json:"times"`  // only the next that many; 0 = all
}

// Request is one line of the log.
type Request struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  string      `json:"query"`
	Status int         `json:"status"`
	Header http.Header `json:"header"` // without Authorization
}

// Server is the service. It is an http.Handler for S3 requests.
type Server struct {
	o       Options
	gateway http.Handler
	stop    func() // the gateway, and waits for its end

	mu     sync.Mutex
	faults Faults
	log    []Request
}

// Close ends the gateway and waits until it is gone.
func (s *Server) Close() { s.stop() }

// Start runs the gateway, which ends with Close or ctx, and waits until it answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	for _, d := range []string{"buckets", "accounts"} {
		if err := os.MkdirAll(filepath.Join(o.Dir, d), 0o700); err != nil {
			return nil, fmt.Errorf("s3 service: %w", err)
		}
	}
	socket := filepath.Join(o.Dir, "socket")
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, o.Program, filepath.Join(o.Dir, "buckets"), filepath.Join(o.Dir, "accounts"), socket)
	cmd.Env = append(os.Environ(), "S3_ACCESS_KEY="+o.Account.Key, "S3_SECRET_KEY="+o.Account.Secret, "S3_GUEST_KEY="+o.Guest.Key, "S3_GUEST_SECRET="+o.Guest.Secret)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("s3 service: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- cmd.Wait()
	}()
	stop := func() {
		cancel()
		for range ended { // to its end
		}
	}
	if err := answers(ctx, socket, ended); err != nil {
		stop()
		return nil, fmt.Errorf("s3 service: %w", err)
	}
	return &Server{o: o, gateway: forward(socket), stop: stop}, nil
}

// answers waits until the gateway listens.
func answers(ctx context.Context, socket string, ended <-chan error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("unix", socket); err == nil {
			return c.Close()
		}
		select {
		case err := <-ended:
			return errors.Join(errors.New("the gateway ended"), err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// forward passes requests on as they are: the signature is over the Host.
func forward(socket string) http.Handler {
	var d net.Dialer
	return &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0), // clients that go away
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "gateway", r.In.Host
		},
		Transport: &http.Transport{
			DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) },
			MaxIdleConnsPerHost: 256, DisableCompression: true,
		},
	}
}

// ServeHTTP is the S3 service itself.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	if status, code := s.refusal(r); status != 0 {
		refuse(rec, status, code)
	} else {
		s.gateway.ServeHTTP(rec, r)
	}
	header := r.Header.Clone()
	header.Del("Authorization")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Status: rec.status, Header: header})
}

// refuse answers in S3's own form of errors.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>refused by the lab</Message></Error>", code)
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the proxy flush.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
