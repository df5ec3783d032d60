// Labs3 serves the lab's buckets on port 9000 and its control panel on port 9001
// (see package lab/s3d). S3_ACCESS_KEY and S3_SECRET_KEY are the account that may
// do everything, S3_GUEST_KEY and S3_GUEST_SECRET one that may do nothing;
// S3_LOOSE=1 leaves R2's refusals out.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "labs3:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	s, err := s3d.Start(ctx, s3d.Options{
		Program: "/s3gateway", Dir: "/tmp/s3", Loose: os.Getenv("S3_LOOSE") != "",
		Account: s3d.Account{Key: os.Getenv("S3_ACCESS_KEY"), Secret: os.Getenv("S3_SECRET_KEY")},
		Guest:   s3d.Account{Key: os.Getenv("S3_GUEST_KEY"), Secret: os.Getenv("S3_GUEST_SECRET")},
	})
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, ":9000", s) })
	g.Go(func() error { return serve(ctx, ":9001", s.Control()) })
	return g.Wait()
}

func serve(ctx context.Context, addr string, h http.Handler) error {
	srv := &http.Server{Addr: addr, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
