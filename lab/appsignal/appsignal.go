// Package appsignal stands in for AppSignal's endpoint for private source maps.
// It keeps the documented rules and what was sent, nothing else; the real one is
// never asked.
//
// Source: https://docs.appsignal.com/api/sourcemaps.html.
package appsignal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
)

// Path is where uploads go.
const Path = "/api/sourcemaps"

// maxMap is the most that one map may have, in bytes.
const maxMap = 100 << 20

// Upload is one source map that was accepted.
type Upload struct {
	App, Environment, Revision string
	Names                      []string // URLs of the script it belongs to
	File                       string
	Bytes                      int
	// KeyInURL tells that the key stood in the address, where logs show it.
	KeyInURL bool
}

// Server is the endpoint, and beside it GET /uploads and POST /reset for tests.
// Keys that begin with "lab-" are known, for every app.
type Server struct {
	mu      sync.Mutex
	uploads []Upload
	mux     http.ServeMux
}

// New makes a server without uploads.
func New() *Server {
	s := &Server{}
	s.mux.HandleFunc("POST "+Path, s.upload)
	s.mux.HandleFunc("GET /uploads", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		answer(w, http.StatusOK, append([]Upload{}, s.uploads...))
	})
	s.mux.HandleFunc("POST /reset", func(http.ResponseWriter, *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.uploads = nil
	})
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxMap+1<<20)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		refuse(w, http.StatusBadRequest, "the body is no multipart/form-data: "+err.Error())
		return
	}
	u := Upload{
		App: r.FormValue("app_name"), Environment: r.FormValue("environment"), Revision: r.FormValue("revision"),
		Names: r.Form["name[]"], KeyInURL: r.URL.Query().Has("push_api_key"),
	}
	if !strings.HasPrefix(r.FormValue("push_api_key"), "lab-") {
		refuse(w, http.StatusNotFound, "no app with this name, environment and key")
		return
	}
	if wrong := u.check(r); len(wrong) > 0 {
		refuse(w, http.StatusBadRequest, wrong...)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads = append(s.uploads, u)
	w.WriteHeader(http.StatusCreated)
}

// check gives what is wrong, and notes the file.
func (u *Upload) check(r *http.Request) (wrong []string) {
	for name, value := range map[string]string{"app_name": u.App, "environment": u.Environment, "revision": u.Revision} {
		if strings.TrimSpace(value) == "" {
			wrong = append(wrong, name+" can't be blank")
		}
	}
	if len(u.Names) == 0 {
		wrong = append(wrong, "name can't be blank")
	}
	for _, n := range u.Names {
		at, err := url.Parse(n)
		if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") || path.Ext(at.Path) == ".map" {
			wrong = append(wrong, fmt.Sprintf("name %q is no full URL of a minified file", n))
		}
	}
	files := r.MultipartForm.File["file"]
	if len(files) != 1 {
		return append(wrong, fmt.Sprintf("%d files: one source map per request", len(files)))
	}
	f, err := files[0].Open()
	if err != nil {
		return append(wrong, err.Error())
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	var m struct{ Version int }
	if err != nil || json.Unmarshal(text, &m) != nil || m.Version != 3 {
		wrong = append(wrong, "file is no source map of version 3")
	}
	u.File, u.Bytes = files[0].Filename, len(text)
	return wrong
}

func refuse(w http.ResponseWriter, status int, wrong ...string) {
	answer(w, status, map[string][]string{"errors": wrong})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}
