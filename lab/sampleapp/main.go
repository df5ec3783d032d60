// Sampleapp is what the lab deploys: one static program that plays a Rails
// application in containers. It answers to the name it is called by:
//
//	bin/rails server               serve HTTP on $PORT (80)
//	bin/rails db:migrate           one run of the migrations in the lab's database
//	bin/rails assets:precompile    app/assets → public/packs, names with hashes
//	bundle exec sidekiq …          take jobs; TSTP: take no more; TERM: stop, exit 0
//	bundle exec rails …            as bin/rails
//	bin/upload-sourcemaps          send the maps to $APPSIGNAL_URL; DELETE_MAPS=true removes them
//
// DB_URL is the lab's database; without it nothing is recorded and there are no
// jobs. Faults by environment: SLOW_START=9s (503 until then), UNHEALTHY=1 (/up
// answers 500), CRASH=1 (exit 3 at once), CRASH_AFTER=2s, MIGRATE_FAIL=1.
// CHATTER=1000 logs that many numbered lines a second.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

// app is one process of the application, with its surroundings read once.
type app struct {
	root    string // /rails
	env     func(string) string
	version string
	me      db.Process
	db      *db.Client // nil without DB_URL
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.SetOutput(os.Stdout)
	a := newApp("/rails", os.Getenv)
	if err := a.run(context.Background(), os.Args); err != nil {
		var exit exitError
		fmt.Fprintln(os.Stderr, "error:", err)
		if errors.As(err, &exit) {
			os.Exit(int(exit))
		}
		os.Exit(1)
	}
}

// exitError is an exit status asked for.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d, as asked", int(e)) }

func newApp(root string, env func(string) string) *app {
	a := &app{root: root, env: env, version: env("APP_REVISION")}
	if b, err := os.ReadFile(filepath.Join(root, "REVISION")); err == nil && strings.TrimSpace(string(b)) != "" {
		a.version = strings.TrimSpace(string(b))
	}
	if a.version == "" {
		a.version = "unknown"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	a.me = db.Process{Host: host, Version: a.version, Start: startTime("/proc/1/stat")}
	if url := env("DB_URL"); url != "" {
		a.db = &db.Client{URL: url, HTTP: http.Client{Timeout: 2 * time.Minute}}
	}
	return a
}

// startTime is field 22 of a stat file: clock ticks since boot.
func startTime(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	after := string(b)[strings.LastIndex(string(b), ")")+1:] // a program's name may hold anything
	if f := strings.Fields(after); len(f) > 19 {
		return f[19]
	}
	return ""
}

func (a *app) run(ctx context.Context, argv []string) error {
	name, args := filepath.Base(argv[0]), argv[1:]
	if name == "bundle" && len(args) > 1 && args[0] == "exec" {
		name, args = filepath.Base(args[1]), args[2:]
	}
	if a.env("CRASH") != "" && (name == "sidekiq" || name == "rails" && first(args) == "server") {
		return exitError(3)
	}
	switch {
	case name == "sidekiq":
		return a.work(ctx)
	case name == "upload-sourcemaps":
		return a.uploadMaps(ctx)
	case name == "rails" && (first(args) == "server" || len(args) == 0):
		return a.serve(ctx)
	case name == "rails" && first(args) == "db:migrate":
		return a.migrate(ctx)
	case name == "rails" && first(args) == "assets:precompile":
		return a.precompile()
	}
	return fmt.Errorf("unknown command %q", strings.Join(argv, " "))
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// record tells the database, which may be away: the application goes on.
func (a *app) record(ctx context.Context, kind, detail string) {
	if a.db == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.db.Record(ctx, a.me, kind, detail); err != nil {
		log.Print("not recorded: ", err)
	}
}

func (a *app) migrate(ctx context.Context) error {
	fmt.Printf("== %s on %s: migrating ==\n", a.version, a.me.Host)
	if a.env("MIGRATE_FAIL") != "" {
		a.record(ctx, "migrate", "failed as asked by MIGRATE_FAIL")
		return errors.New("migration failed: relation \"orders\" does not exist (MIGRATE_FAIL is set)")
	}
	if a.db != nil {
		if err := a.db.Migrate(ctx, a.me); err != nil {
			return fmt.Errorf("migration failed: %w", err)
		}
	}
	fmt.Println("== migrated ==")
	return nil
}
