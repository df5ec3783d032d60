// Package registryd is the lab's registry: go-containerregistry's handler, kept
// in memory, behind an account, a log of requests and faults on demand.
//
// Laws: without the right account nothing is answered but 401; faults strike
// after the account was checked, so a refused push is not a refused login.
//
// Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
package registryd

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"log"
	"net/http"
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
	s.serve(rec, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, Request{At: time.Now(), From: r.RemoteAddr, Method: r.Method, Path: r.URL.Path, Status: rec.status})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="lab"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return
	}
	s.mu.Lock()
	f, images := s.faults, s.images
	s.mu.Unlock()
	if f.Delay > 0 {
		wait := time.NewTimer(f.Delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case !reads && f.RefusePush != 0:
		refuse(w, f.RefusePush, "DENIED", "pushes are refused, as asked")
	case reads && r.URL.Path != "/v2/" && f.RefusePull != 0:
		refuse(w, f.RefusePull, "DENIED", "pulls are refused, as asked")
	default:
		images.ServeHTTP(w, r)
	}
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
