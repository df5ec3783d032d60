package s3d

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
)

// SetFaults makes the service misbehave until it is given the zero Faults.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Requests is the log since Forget.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.log...)
}

// Forget empties the log.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// Bucket makes an empty bucket.
func (s *Server) Bucket(name string) error {
	return os.Mkdir(filepath.Join(s.o.Dir, "buckets", filepath.Base(name)), 0o700)
}

// Reset forgets buckets, faults and requests.
func (s *Server) Reset() error {
	s.SetFaults(Faults{})
	s.Forget()
	dir := filepath.Join(s.o.Dir, "buckets")
	names, err := os.ReadDir(dir)
	for _, n := range names {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, n.Name())))
	}
	return err
}

// Control is the panel: PUT /faults, GET and DELETE /requests, PUT
// /buckets/NAME, and DELETE /, which is Reset.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		var f Faults
		err := json.NewDecoder(r.Body).Decode(&f)
		if err == nil {
			s.SetFaults(f)
		}
		answer(w, err)
	})
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(s.Requests()); err != nil {
			panic(http.ErrAbortHandler) // the client is gone
		}
	})
	mux.HandleFunc("DELETE /requests", func(http.ResponseWriter, *http.Request) { s.Forget() })
	mux.HandleFunc("PUT /buckets/{name}", func(w http.ResponseWriter, r *http.Request) { answer(w, s.Bucket(r.PathValue("name"))) })
	mux.HandleFunc("DELETE /{$}", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.Reset()) })
	return mux
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
