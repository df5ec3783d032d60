// Labregistry serves the lab's registry on port 5000 and its control panel on
// port 5001 (see package lab/registryd). REGISTRY_USER and REGISTRY_PASSWORD
// are the account; without a password everyone is let in.
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

	"github.com/warmlyyours/hwdeploy/lab/registryd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	reg := registryd.New(os.Getenv("REGISTRY_USER"), os.Getenv("REGISTRY_PASSWORD"))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, ":5000", reg) })
	g.Go(func() error { return serve(ctx, ":5001", reg.Control()) })
	if err := g.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, "labregistry:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, addr string, h http.Handler) error {
	srv := &http.Server{Addr: addr, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
