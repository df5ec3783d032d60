// Package registryd is the lab's registry: go-containerregistry's handler, kept
// in memory, behind an account, a log of requests and faults on demand.
//
// Laws: without the right account nothing is answered but 401; faults strike
// after the account was checked, so a refused push is not a refused login. The
// same images are served to who logs in by name and password (ServeHTTP) and to
// who brings a token (Tokens), as GHCR and Docker Hub want it.
//
// Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
package registryd

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Faults are what the registry does wrong until told otherwise.
type Faults struct {
	// RefusePush and RefusePull answer writes or reads of images with this HTTP
	// status, for example 403 or 503; 0 = no.
	RefusePush int `json:"refuse_push"`
	RefusePull int `json:"refuse_pull"`
	// Delay holds every answer.
	Delay time.Duration `json:"delay"`
	// Times is how many requests RefusePush and RefusePull strike; 0 = all.
	Times int `json:"times"`
	// CutAfter ends the connection of each upload after that many bytes; 0 = no.
	// It strikes Cuts times; 0 = always.
	CutAfter int64 `json:"cut_after"`
	Cuts     int   `json:"cuts"`
	// Corrupt turns one byte of each layer that is read.
	Corrupt bool `json:"corrupt"`
}

// Request is one line of the log.
type Request struct {
	At     time.Time `json:"at"`
	From   string    `json:"from"` // address
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"`
}

// Server is the registry with its control panel.
type Server struct {
	// Username and Password are the account; an empty password = no accounts.
	Username, Password string
	CA                 []byte // PEM

	mu     sync.Mutex
	faults Faults
	log    []Request
	images http.Handler
}

// New makes an empty registry.
func New(username, password string) *Server {
	return &Server{Username: username, Password: password, images: store()}
}

func store() http.Handler { return registry.New(registry.Logger(log.New(io.Discard, "", 0))) }

// ServeHTTP is the registry itself.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer s.note(rec, r) // also when the connection is cut
	if !s.allowed(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="lab"`)
		refuse(rec, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return
	}
	s.serve(rec, r)
}

func (s *Server) note(rec *recorder, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, Request{At: time.Now(), From: r.RemoteAddr, Method: r.Method, Path: r.URL.Path, Status: rec.status})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	f, images := s.strike(reads, r)
	if f.Delay > 0 {
		wait := time.NewTimer(f.Delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case f.RefusePush != 0:
		refuse(w, f.RefusePush, codeOf(f.RefusePush), "pushes are refused, as asked")
	case f.RefusePull != 0:
		refuse(w, f.RefusePull, codeOf(f.RefusePull), "pulls are refused, as asked")
	case f.CutAfter != 0:
		r.Body = &cut{r.Body, f.CutAfter}
		images.ServeHTTP(w, r)
	case f.Corrupt && reads && strings.Contains(r.URL.Path, "/blobs/"):
		images.ServeHTTP(&corrupted{ResponseWriter: w}, r)
	default:
		images.ServeHTTP(w, r)
	}
}

// strike gives the faults that hit a request, and counts them.
func (s *Server) strike(reads bool, r *http.Request) (Faults, http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults
	if reads {
		f.RefusePush, f.CutAfter = 0, 0
	} else {
		f.RefusePull = 0
	}
	if r.URL.Path == "/v2/" {
		f.RefusePull = 0
	}
	if r.ContentLength == 0 || r.Method == http.MethodPost {
		f.CutAfter = 0
	}
	if (f.RefusePush != 0 || f.RefusePull != 0) && s.faults.Times > 0 {
		if s.faults.Times--; s.faults.Times == 0 {
			s.faults.RefusePush, s.faults.RefusePull = 0, 0
		}
	}
	if f.CutAfter != 0 && s.faults.Cuts > 0 {
		if s.faults.Cuts--; s.faults.Cuts == 0 {
			s.faults.CutAfter = 0
		}
	}
	return f, s.images
}

// codeOf is the error code that goes with a status.
func codeOf(status int) string {
	switch status {
	case http.StatusTooManyRequests:
		return "TOOMANYREQUESTS"
	case http.StatusUnauthorized:
		return "UNAUTHORIZED"
	case http.StatusNotFound:
		return "NAME_UNKNOWN"
	case http.StatusForbidden:
		return "DENIED"
	}
	return "UNKNOWN"
}

// cut is a body whose connection ends under way.
type cut struct {
	io.ReadCloser
	left int64
}

func (c *cut) Read(p []byte) (int, error) {
	if c.left <= 0 {
		panic(http.ErrAbortHandler)
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// corrupted turns the first byte of a body, unless it is JSON (a configuration).
type corrupted struct {
	http.ResponseWriter
	done bool
}

func (c *corrupted) Write(p []byte) (int, error) {
	if !c.done && len(p) > 0 && p[0] != '{' {
		p = append([]byte{p[0] ^ 1}, p[1:]...)
	}
	c.done = c.done || len(p) > 0
	return c.ResponseWriter.Write(p)
}

func (s *Server) allowed(r *http.Request) bool {
	if s.Password == "" {
		return true
	}
	user, password, ok := r.BasicAuth()
	return ok && user == s.Username && subtle.ConstantTimeCompare([]byte(password), []byte(s.Password)) == 1
}

// refuse answers in the registry's own form of errors.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body := map[string]any{"errors": []map[string]string{{"code": code, "message": message}}}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
