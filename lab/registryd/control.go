package registryd

import (
	"encoding/json"
	"net/http"
)

// Control is the panel: PUT /faults, GET /requests, DELETE /requests, GET /ca (the
// certificate authority of the TLS address), and DELETE /images, which forgets all
// images.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		var f Faults
		if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = f
	})
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		text, err := json.Marshal(append([]Request{}, s.log...))
		s.mu.Unlock()
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			panic(http.ErrAbortHandler) // the client is gone
		}
	})
	mux.HandleFunc("DELETE /requests", func(http.ResponseWriter, *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.log = nil
	})
	mux.HandleFunc("GET /ca", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(s.CA); err != nil {
			panic(http.ErrAbortHandler) // the client is gone
		}
	})
	mux.HandleFunc("DELETE /images", func(http.ResponseWriter, *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.images = store()
	})
	return mux
}
