package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/warmlyyours/hwdeploy/lab/db"
)

const (
	pollEvery = 200 * time.Millisecond
	// jobGrace is how long a job in hand may go on after TERM; then it is given back.
	jobGrace = 8 * time.Second
)

// work takes jobs one at a time. TSTP: no more are taken. TERM: the one in hand
// is finished or given back, then the end.
func (a *app) work(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	quiet := make(chan os.Signal, 1)
	signal.Notify(quiet, syscall.SIGTSTP)
	defer signal.Stop(quiet)
	log.Printf("sidekiq %s: fetching", a.version)
	a.enter(ctx, "fetching")
	go a.chatter(ctx, os.Stdout) //nolint:errcheck // nobody reads the log any more
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for fetching := true; ; {
		select {
		case <-ctx.Done():
			log.Printf("sidekiq %s: bye", a.version)
			a.enter(context.WithoutCancel(ctx), "stopped")
			return nil
		case <-quiet:
			fetching = false
			log.Printf("sidekiq %s: quiet, takes no more jobs", a.version)
			a.enter(ctx, "quiet")
		case <-tick.C:
			if fetching {
				a.takeOne(ctx)
			}
		}
	}
}

func (a *app) enter(ctx context.Context, state string) {
	if a.db == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.db.Enter(ctx, a.me, state); err != nil {
		log.Print("not recorded: ", err)
	}
}

func (a *app) takeOne(ctx context.Context) {
	if a.db == nil {
		return
	}
	job, ok, err := a.db.Take(ctx, a.me)
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		log.Print("no job: ", err)
	case ok:
		a.do(ctx, job)
	}
}

func (a *app) do(ctx context.Context, job db.Job) {
	log.Printf("job %d: begun, takes %s", job.ID, job.Length)
	state := "queued"
	done := time.NewTimer(job.Length)
	defer done.Stop()
	select {
	case <-done.C:
		state = "done"
	case <-ctx.Done():
		grace := time.NewTimer(jobGrace)
		defer grace.Stop()
		select {
		case <-done.C:
			state = "done"
		case <-grace.C:
		}
	}
	if err := a.db.Finish(context.WithoutCancel(ctx), a.me, job.ID, state); err != nil {
		log.Printf("job %d: %v", job.ID, err)
	}
	log.Printf("job %d: %s", job.ID, state)
}
