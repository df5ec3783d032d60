package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func (a *app) serve(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	port := a.env("PORT")
	if port == "" {
		port = "80"
	}
	srv := &http.Server{Addr: ":" + port, Handler: a.routes(time.Now()), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- srv.ListenAndServe() }()
	log.Printf("web %s: listening on %s", a.version, srv.Addr)
	a.record(ctx, "web start", "")
	go a.chatter(ctx, os.Stdout) //nolint:errcheck // nobody reads the log any more
	if d, err := time.ParseDuration(a.env("CRASH_AFTER")); err == nil {
		time.AfterFunc(d, func() { ended <- exitError(3) })
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Printf("web %s: stopping", a.version)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
	defer cancel()
	err := srv.Shutdown(grace)
	a.record(grace, "web stop", "")
	if errors.Is(err, context.DeadlineExceeded) {
		log.Print("web: requests were cut off")
		return nil
	}
	return err
}

func (a *app) routes(started time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/up", func(w http.ResponseWriter, r *http.Request) { a.up(w, time.Since(started)) })
	mux.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, a.version) })
	mux.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		env := os.Environ()
		sort.Strings(env)
		fmt.Fprintln(w, strings.Join(env, "\n"))
	})
	mux.HandleFunc("/slow", slow)
	var requests atomic.Int64
	mux.HandleFunc("/requests", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, requests.Load()) })
	mux.Handle("/packs/", http.StripPrefix("/packs/", http.FileServer(http.Dir(filepath.Join(a.root, "public/packs")))))
	mux.HandleFunc("/{$}", a.home)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("X-Version", a.version)
		w.Header().Set("X-Container", a.me.Host)
		mux.ServeHTTP(w, r)
	})
}

func (a *app) up(w http.ResponseWriter, age time.Duration) {
	boot, err := time.ParseDuration(a.env("SLOW_START"))
	switch {
	case a.env("UNHEALTHY") != "":
		http.Error(w, "the database is down (UNHEALTHY is set)", http.StatusInternalServerError)
	case err == nil && age < boot:
		http.Error(w, "booting", http.StatusServiceUnavailable)
	default:
		fmt.Fprintln(w, "up")
	}
}

// slow answers after ?ms= milliseconds, or not at all if the client leaves.
func slow(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.Atoi(r.FormValue("ms"))
	if err != nil || ms < 0 || ms > 60_000 {
		http.Error(w, "ms must be 0 to 60000", http.StatusBadRequest)
		return
	}
	wait := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer wait.Stop()
	select {
	case <-wait.C:
		fmt.Fprintln(w, "slow")
	case <-r.Context().Done():
	}
}

func (a *app) home(w http.ResponseWriter, _ *http.Request) {
	text, err := os.ReadFile(filepath.Join(a.root, "app/message.txt"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "%s\nrevision %s, container %s\n", strings.TrimSpace(string(text)), a.version, a.me.Host)
}
