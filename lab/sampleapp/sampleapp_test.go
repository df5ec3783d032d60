package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/lab/appsignal"
	"github.com/warmlyyours/hwdeploy/lab/db"
)

// fake is an application in a temporary folder with a database in process.
func fake(t *testing.T, env map[string]string) *app {
	t.Helper()
	s := httptest.NewServer(db.New())
	t.Cleanup(s.Close)
	root := t.TempDir()
	for name, text := range map[string]string{"REVISION": "abc\n", "app/message.txt": "Hi\n", "app/assets/a.js": "x", "public/keep": ""} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return newApp(root, func(name string) string {
		if name == "DB_URL" {
			return s.URL
		}
		return env[name]
	})
}

func TestRoutes(t *testing.T) {
	tests := []struct {
		env    map[string]string
		age    time.Duration
		path   string
		status int
		body   string
	}{
		{nil, 0, "/up", 200, "up"},
		{map[string]string{"SLOW_START": "9s"}, time.Second, "/up", 503, "booting"},
		{map[string]string{"SLOW_START": "9s"}, 10 * time.Second, "/up", 200, "up"},
		{map[string]string{"UNHEALTHY": "1"}, 0, "/up", 500, "UNHEALTHY"},
		{nil, 0, "/version", 200, "abc"},
		{nil, 0, "/", 200, "Hi\nrevision abc"},
		{nil, 0, "/slow?ms=1", 200, "slow"},
		{nil, 0, "/slow?ms=x", 400, "ms must"},
		{nil, 0, "/nothing", 404, ""},
		{nil, 0, "/env", 200, "PATH="},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		fake(t, tt.env).routes(time.Now().Add(-tt.age)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.path, nil))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || w.Header().Get("X-Version") != "abc" {
			t.Errorf("%s with %v at %s: %d %q %v", tt.path, tt.env, tt.age, w.Code, w.Body, w.Header())
		}
	}
}

func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		argv string
		env  map[string]string
		want string // part of the error; "" = success
	}{
		{"/rails/bin/rails db:migrate", nil, ""},
		{"bundle exec rails db:migrate", nil, ""},
		{"rails db:migrate", map[string]string{"MIGRATE_FAIL": "1"}, "MIGRATE_FAIL"},
		{"bundle exec sidekiq", map[string]string{"CRASH": "1"}, "exit status 3"},
		{"bin/rails server", map[string]string{"CRASH": "1"}, "exit status 3"},
		{"bin/rails db:drop", nil, "unknown command"},
		{"bundle install", nil, "unknown command"},
		{"bin/upload-sourcemaps", nil, "APPSIGNAL_PUSH_API_KEY"},
	} {
		err := fake(t, tt.env).run(t.Context(), strings.Fields(tt.argv))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", tt.argv, err)
		}
	}
	var exit exitError
	if err := fake(t, map[string]string{"CRASH": "1"}).run(t.Context(), []string{"sidekiq"}); !errors.As(err, &exit) || exit != 3 {
		t.Errorf("crash: %v", err)
	}
}

func TestAssetsAndMaps(t *testing.T) {
	tracker := httptest.NewServer(appsignal.New())
	defer tracker.Close()
	a := fake(t, map[string]string{
		"APPSIGNAL_PUSH_API_KEY": "lab-k", "DELETE_MAPS": "true", "APPSIGNAL_URL": tracker.URL, "ASSET_HOSTS": "https://cdn.example.test https://www.example.test",
	})
	if err := a.run(t.Context(), []string{"bin/rails", "assets:precompile"}); err != nil {
		t.Fatal(err)
	}
	packs := func() string {
		all, err := filepath.Glob(filepath.Join(a.root, "public/packs/*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			all[i] = filepath.Base(all[i])
		}
		return strings.Join(all, " ")
	}
	if got := packs(); got != "a-2d711642b726b044.js a-2d711642b726b044.js.map manifest.json" {
		t.Error(got)
	}
	if err := a.run(t.Context(), []string{"bin/upload-sourcemaps"}); err != nil {
		t.Fatal(err)
	}
	if got := packs(); strings.Contains(got, ".map") {
		t.Errorf("after the upload: %s", got)
	}
	sent, err := appsignal.Uploads(t.Context(), tracker.URL)
	if err != nil || len(sent) != 1 || len(sent[0].Names) != 2 || sent[0].Names[0] != "https://cdn.example.test/packs/a-2d711642b726b044.js" || sent[0].Revision != a.version {
		t.Errorf("sent %+v, %v", sent, err)
	}
	s, err := a.db.Snapshot(t.Context())
	if err != nil || len(s.Events) != 1 || !strings.Contains(s.Events[0].Detail, "a-2d711642b726b044.js.map") {
		t.Errorf("%+v, %v", s.Events, err)
	}
}

func TestWorker(t *testing.T) {
	a := fake(t, nil)
	ended := make(chan error, 1)
	go func() { ended <- a.run(t.Context(), []string{"bundle", "exec", "sidekiq", "-C", "config/sidekiq.yml"}) }()
	see := func(what string, f func(db.Snapshot) bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		for {
			s, err := a.db.Snapshot(ctx)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if f(s) {
				return
			}
		}
	}
	if _, err := a.db.Enqueue(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	see("a job done", func(s db.Snapshot) bool { return len(s.Fetching()) == 1 && s.Jobs[0].State == "done" })
	raise(t, syscall.SIGTSTP)
	see("quiet", func(s db.Snapshot) bool { return s.Workers[0].State == "quiet" })
	if _, err := a.db.Enqueue(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	see("silence", func(s db.Snapshot) bool { return s.Now.Sub(s.Workers[0].Polled) > 3*pollEvery })
	raise(t, syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Errorf("after TERM: %v", err)
	}
	see("the job is still there", func(s db.Snapshot) bool { return s.Jobs[1].State == "queued" && s.Workers[0].State == "stopped" })
}

func raise(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		t.Fatal(err)
	}
}

func TestStartTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stat")
	if err := os.WriteFile(file, []byte("1 (a b) c) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 163906 9 9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := startTime(file); got != "163906" {
		t.Error(got)
	}
}

func TestChatter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- fake(t, map[string]string{"CHATTER": "1000"}).chatter(ctx, w) }()
	lines := bufio.NewScanner(r)
	for n := 1; n <= 50; n++ {
		if !lines.Scan() || lines.Text() != fmt.Sprintf("chatter %d", n) {
			t.Fatalf("line %d is %q", n, lines.Text())
		}
	}
	cancel()
	r.Close()
	if err := <-done; err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
