// Labregistry serves the lab's registry on port 5000, its control panel on port
// 5001, the same images behind tokens on port 5002, and behind TLS of a private
// authority on port 5443 (see package lab/registryd). REGISTRY_USER and REGISTRY_PASSWORD
// are the account; without a password everyone is let in.
package main

import (
	"context"
	"crypto/tls"
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
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "labregistry:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	reg := registryd.New(os.Getenv("REGISTRY_USER"), os.Getenv("REGISTRY_PASSWORD"))
	ca, cert, err := certificate()
	if err != nil {
		return err
	}
	reg.CA = ca
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, ":5000", reg, nil) })
	g.Go(func() error { return serve(ctx, ":5001", reg.Control(), nil) })
	g.Go(func() error { return serve(ctx, ":5002", reg.Tokens(), nil) })
	g.Go(func() error { return serve(ctx, ":5443", reg, &tls.Config{Certificates: []tls.Certificate{cert}}) }) //nolint:gosec // the default minimum is fine
	return g.Wait()
}

func serve(ctx context.Context, addr string, h http.Handler, secure *tls.Config) error {
	srv := &http.Server{Addr: addr, Handler: h, ReadHeaderTimeout: 10 * time.Second, TLSConfig: secure}
	context.AfterFunc(ctx, func() { srv.Close() })
	listen := srv.ListenAndServe
	if secure != nil {
		listen = func() error { return srv.ListenAndServeTLS("", "") }
	}
	if err := listen(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
