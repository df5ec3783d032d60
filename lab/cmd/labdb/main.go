// Labdb serves the lab's database on port 80 (see package lab/db), and beside it,
// below /appsignal, the stand-in for AppSignal (package lab/appsignal).
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

	"github.com/warmlyyours/hwdeploy/lab/appsignal"
	"github.com/warmlyyours/hwdeploy/lab/db"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	mux := http.NewServeMux()
	mux.Handle("/", db.New())
	mux.Handle("/appsignal/", http.StripPrefix("/appsignal", appsignal.New()))
	srv := &http.Server{Addr: ":80", Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "labdb:", err)
		os.Exit(1)
	}
}
