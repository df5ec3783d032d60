// Demo shows hwdeploy at work on this machine: one lab host, a sample project,
// `hwdeploy lab` from end to end, and the address that serves the application.
// Run again it rolls out a new version while requests keep coming, and tells how
// many of them failed: none, or the exit status is 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	d := demo{out: os.Stdout, err: os.Stderr}
	flag.StringVar(&d.binary, "hwdeploy", "", "the program to show; empty = built from this repository")
	flag.IntVar(&d.rate, "rate", 250, "requests a second while a new version is rolled out")
	flag.Parse()
	if err := d.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
