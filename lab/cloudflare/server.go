package cloudflare

import (
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The one account and zone that there are.
const (
	Account  = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	Zone     = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
	ZoneName = "example.test"
)

// Request is one request, as it came.
type Request struct {
	Method, Path string // below /client/v4/
	Body         []byte
	Status       int // that was answered
}

// Write tells whether it is more than a look.
func (r Request) Write() bool { return r.Method != http.MethodGet }

// Fault is a wrong answer to one request.
type Fault struct {
	Path string // the fault waits for a request whose path has this in it
	// One of these: the answer 429 with this Retry-After, an HTML page with status
	// 502, status 200 with success false, or a cut connection.
	TooMany      string
	HTML, Untrue bool
	Cut          bool
}

// Server is the stand-in.
type Server struct {
	URL   string // base of the API
	CA    []byte // PEM
	token string

	mu       sync.Mutex
	requests []Request
	faults   []Fault
	purges   []Purge
	burst    int // of purges that are granted at once; 0 = any number
	lists    []*List
	rules    []map[string]any
	hasRules bool
	pending  *operation
	done     map[string]*operation
	scripts  map[string]*Script
	routes   []Route
	domains  []Domain
	ids      int

	http *http.Server
}

// Start serves on a free port of 127.0.0.1 until Close. The token is the one
// that is let in.
func Start(token string) (*Server, error) {
	cert, ca, err := authority()
	if err != nil {
		return nil, err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: "https://" + l.Addr().String() + "/client/v4/", CA: ca, token: token,
		scripts: map[string]*Script{}, done: map[string]*operation{},
	}
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go s.serve(l)
	return s, nil
}

func (s *Server) serve(l net.Listener) {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		panic(err) // a listener of ours does not end by itself
	}
}

// Close ends it.
func (s *Server) Close() error { return s.http.Close() }

// Transport trusts the server.
func (s *Server) Transport() http.RoundTripper {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
}

// handler routes the calls that there are.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	add := func(pattern string, f func(*call)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /client/v4/"+path, func(w http.ResponseWriter, r *http.Request) { s.handle(w, r, f) })
	}
	add("POST zones/{zone}/purge_cache", s.purge)
	add("GET accounts/{account}/rules/lists", s.getLists)
	add("POST accounts/{account}/rules/lists", s.postList)
	add("GET accounts/{account}/rules/lists/{list}/{below}", s.getBelow)
	add("PUT accounts/{account}/rules/lists/{list}/items", s.putItems)
	add("GET accounts/{account}/rulesets/phases/http_request_redirect/entrypoint", s.getRules)
	add("PUT accounts/{account}/rulesets/phases/http_request_redirect/entrypoint", s.putRules)
	add("PUT accounts/{account}/workers/scripts/{script}", s.putScript)
	add("POST accounts/{account}/workers/scripts/{script}/versions", s.postVersion)
	add("GET accounts/{account}/workers/scripts/{script}/versions/{version}", s.getVersion)
	add("GET accounts/{account}/workers/scripts/{script}/deployments", s.getDeployments)
	add("POST accounts/{account}/workers/scripts/{script}/deployments", s.postDeployment)
	add("PATCH accounts/{account}/workers/scripts/{script}/script-settings", s.patchSettings)
	add("GET accounts/{account}/workers/scripts/{script}/subdomain", s.getSubdomain)
	add("POST accounts/{account}/workers/scripts/{script}/subdomain", s.postSubdomain)
	add("GET accounts/{account}/workers/scripts/{script}/schedules", s.getSchedules)
	add("PUT accounts/{account}/workers/scripts/{script}/schedules", s.putSchedules)
	add("GET zones/{zone}/workers/routes", s.getRoutes)
	add("POST zones/{zone}/workers/routes", s.postRoute)
	add("GET accounts/{account}/workers/domains", s.getDomains)
	add("PUT accounts/{account}/workers/domains", s.putDomain)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.handle(w, r, func(c *call) { c.refuse(http.StatusNotFound, 7003, "Could not route to %s", r.URL.Path) })
	})
	return mux
}

// handle checks what all calls share, and keeps the request.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, f func(*call)) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{w: w, r: r, body: body, status: http.StatusOK}
	defer func() {
		path := strings.TrimPrefix(r.URL.Path, "/client/v4/")
		s.requests = append(s.requests, Request{r.Method, path, body, c.status})
	}()
	switch {
	case r.Header.Get("X-Auth-Key") != "" || !s.let(r):
		c.refuse(http.StatusForbidden, 10000, "Authentication error")
	case s.struck(c):
	case r.PathValue("account") != "" && r.PathValue("account") != Account, r.PathValue("zone") != "" && r.PathValue("zone") != Zone:
		c.refuse(http.StatusBadRequest, 7003, "Could not route to %s, perhaps your object identifier is invalid?", r.URL.Path)
	default:
		f(c)
	}
}

func (s *Server) let(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.token)) == 1
}
