// Command build measures builds and pushes through a relay (100 ms round trip,
// 100 Mbit): hwdeploy beside docker's own tools, on the same builder, in one run.
// It prints tables and judges nothing.
//
//	go run ./bench/build -hwdeploy bin/hwdeploy
//
// It needs OpenSSH's client and docker's program here, which docker's tools reach
// a builder by; hwdeploy needs neither. buildx is built from its Go module.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// The link.
const (
	oneWay  = 50 * time.Millisecond
	bitRate = 100_000_000 / 8 // bytes a second
)

func main() {
	binary := flag.String("hwdeploy", "bin/hwdeploy", "the program to measure")
	files := flag.Int("files", 20_000, "files in the context")
	large := flag.Int("large", 296, "MB of the image that do not change")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Minute)
	defer cancel()
	if err := run(ctx, *binary, *files, *large); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, files, large int) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	l, err := lab.Up(ctx, lab.Options{Name: "benchbuild", Hosts: 3, Fresh: true, Hold: true})
	if err != nil {
		return err
	}
	defer l.Down(ctx) //nolint:errcheck // the lab is throw-away
	dir, err := os.MkdirTemp("", "hwdeploy-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	relays, err := l.Relays(ctx, filepath.Join(dir, "relays"))
	if err != nil {
		return err
	}
	defer relays.Close()
	b := &bench{lab: l, relays: relays, dir: dir, binary: binary}
	if err := b.tools(ctx); err != nil {
		return err
	}
	b.link(true)
	if err := b.context(ctx, files); err != nil {
		return err
	}
	return b.push(ctx, large)
}
