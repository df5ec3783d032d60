package db

import (
	"encoding/json"
	"errors"
	"net/http"
	"sort"
	"strconv"
	"sync"
	"time"
)

// Server holds the records. Use New.
type Server struct {
	mu         sync.Mutex
	events     []Event
	migrations []Migration
	workers    map[Process]*Worker
	jobs       []Job
	faults     Faults
	mux        *http.ServeMux
}

// New makes an empty server.
func New() *Server {
	s := &Server{workers: map[Process]*Worker{}, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /snapshot", s.snapshot)
	s.mux.HandleFunc("POST /reset", s.reset)
	s.mux.HandleFunc("PUT /faults", s.setFaults)
	s.mux.HandleFunc("POST /events", s.event)
	s.mux.HandleFunc("POST /migrations", s.migrate)
	s.mux.HandleFunc("POST /jobs", s.enqueue)
	s.mux.HandleFunc("POST /take", s.take)
	s.mux.HandleFunc("POST /jobs/{id}/{state}", s.finish)
	s.mux.HandleFunc("POST /workers/{state}", s.worker)
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) snapshot(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	out := Snapshot{Now: time.Now(), Faults: s.faults}
	out.Events = append(out.Events, s.events...)
	out.Migrations = append(out.Migrations, s.migrations...)
	out.Jobs = append(out.Jobs, s.jobs...)
	for _, k := range s.workers {
		out.Workers = append(out.Workers, *k)
	}
	s.mu.Unlock()
	sort.Slice(out.Workers, func(i, j int) bool {
		a, b := out.Workers[i], out.Workers[j]
		return a.Host < b.Host || a.Host == b.Host && a.Start < b.Start
	})
	answer(w, out)
}

func (s *Server) reset(http.ResponseWriter, *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events, s.migrations, s.jobs, s.faults = nil, nil, nil, Faults{}
	s.workers = map[Process]*Worker{}
}

func (s *Server) setFaults(w http.ResponseWriter, r *http.Request) {
	if f, ok := read[Faults](w, r); ok {
		s.mu.Lock()
		s.faults = f
		s.mu.Unlock()
	}
}

func (s *Server) event(w http.ResponseWriter, r *http.Request) {
	if e, ok := read[Event](w, r); ok {
		s.mu.Lock()
		s.record(e.Process, e.Kind, e.Detail)
		s.mu.Unlock()
	}
}

// record needs the lock.
func (s *Server) record(p Process, kind, detail string) {
	s.events = append(s.events, Event{Process: p, Kind: kind, Detail: detail, At: time.Now()})
}

// migrate is the whole migration: it takes the configured time and fails if it
// is to fail. A client that hangs up meanwhile leaves a failed run.
func (s *Server) migrate(w http.ResponseWriter, r *http.Request) {
	p, ok := read[Process](w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	f := s.faults
	m := Migration{Process: p, Started: time.Now()}
	s.record(p, "migrate", "")
	s.mu.Unlock()
	if f.MigrateFail {
		m.Error = "failed as asked"
	}
	wait := time.NewTimer(f.MigrateDelay)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done():
		m.Error = "interrupted"
	}
	m.Ended = time.Now()
	s.mu.Lock()
	s.migrations = append(s.migrations, m)
	s.mu.Unlock()
	if m.Error != "" {
		http.Error(w, m.Error, http.StatusConflict)
	}
}

func (s *Server) enqueue(w http.ResponseWriter, r *http.Request) {
	j, ok := read[Job](w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j = Job{ID: len(s.jobs) + 1, Length: j.Length, State: "queued", At: time.Now()}
	s.jobs = append(s.jobs, j)
	answer(w, j)
}

// take gives a worker the oldest queued job, or 204.
func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	p, ok := read[Process](w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(p, "fetching").Polled = time.Now()
	for i := range s.jobs {
		if j := &s.jobs[i]; j.State == "queued" {
			j.State, j.Worker, j.At = "taken", p.Host, time.Now()
			answer(w, *j)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// finish ends a taken job: state is "done", or "queued" when it is given back.
func (s *Server) finish(w http.ResponseWriter, r *http.Request) {
	p, ok := read[Process](w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := strconv.Atoi(r.PathValue("id"))
	state := r.PathValue("state")
	if err != nil || id < 1 || id > len(s.jobs) || (state != "done" && state != "queued") {
		fail(w, errors.New("no such job or state"))
		return
	}
	s.jobs[id-1].State, s.jobs[id-1].At = state, time.Now()
	if k := s.workers[p]; k != nil && state == "done" {
		k.Done++
	}
}

func (s *Server) worker(w http.ResponseWriter, r *http.Request) {
	if p, ok := read[Process](w, r); ok {
		s.mu.Lock()
		s.enter(p, r.PathValue("state"))
		s.mu.Unlock()
	}
}

// enter notes that a worker is in a state; it needs the lock.
func (s *Server) enter(p Process, state string) *Worker {
	k := s.workers[p]
	if k == nil {
		k = &Worker{Process: p}
		s.workers[p] = k
	}
	if k.State != state {
		k.State, k.Since = state, time.Now()
		s.record(p, "worker "+state, "")
	}
	return k
}

func read[T any](w http.ResponseWriter, r *http.Request) (T, bool) {
	var v T
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&v); err != nil {
		fail(w, err)
		return v, false
	}
	return v, true
}

func fail(w http.ResponseWriter, err error) { http.Error(w, err.Error(), http.StatusBadRequest) }

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}
