// Command bench measures, and prints tables side by side in one run; it judges
// nothing.
//
//   - deploy: a warm `hwdeploy deploy --skip-push` of two roles on lab hosts through
//     relays: round trips, and seconds at several delays.
//   - assets: 5,000 hashed files to an S3 server through a relay, ours, rclone and
//     the AWS CLI: the first copy, and one with nothing changed.
//
// Without a name it measures both.
//
//	go run ./bench -hwdeploy bin/hwdeploy [deploy|assets]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

func main() {
	binary := flag.String("hwdeploy", "bin/hwdeploy", "the program to measure")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	if err := run(ctx, *binary, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, what string) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	for _, b := range []struct {
		name string
		run  func(context.Context, string) error
	}{{"deploy", benchDeploy}, {"assets", benchAssets}} {
		if what != "" && what != b.name {
			continue
		}
		if err := b.run(ctx, binary); err != nil {
			return err
		}
	}
	return nil
}

func benchDeploy(ctx context.Context, binary string) error {
	l, err := lab.Up(ctx, lab.Options{Name: "bench", Hosts: 3, Fresh: true, Hold: true})
	if err != nil {
		return err
	}
	defer l.Down(ctx) //nolint:errcheck // the lab is throw-away
	fmt.Println("hosts  added RTT  seconds  round trips")
	for _, hosts := range [][]string{{"lab-1"}, {"lab-1", "lab-2", "lab-3"}} {
		if err := measure(ctx, l, binary, hosts); err != nil {
			return err
		}
	}
	return nil
}

// measure deploys two versions in turn, once per delay.
func measure(ctx context.Context, l *lab.Lab, binary string, hosts []string) error {
	dir, err := os.MkdirTemp("", "hwdeploy-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	if err := l.Reset(ctx); err != nil {
		return err
	}
	relays, err := l.Relays(ctx, filepath.Join(dir, "relays"))
	if err != nil {
		return err
	}
	defer relays.Close()
	p, err := lab.WriteProject(ctx, filepath.Join(dir, "project"), l, lab.ProjectOptions{
		Roles:   []lab.Role{{Name: "web", Hosts: hosts}, {Name: "sidekiq", Hosts: hosts, Cmd: "bundle exec sidekiq"}},
		SSHPort: relays.Port, SSHConfig: relays.SSHConfig, KnownHosts: relays.KnownHosts,
		Overlay: "asset_path: \"\"\nx-hwdeploy: {quiet: false}\n",
	})
	if err != nil {
		return err
	}
	for _, v := range []string{"a", "b"} {
		if _, err := l.PushApp(ctx, "demo/shop:"+v, lab.AppImage{Version: v, Service: "shop"}); err != nil {
			return err
		}
		if _, err := deploy(ctx, binary, p.Dir, v); err != nil {
			return err
		}
	}
	for i, rtt := range []time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond} {
		relays.SetLatency(rtt / 2)
		relays.Reset()
		took, err := deploy(ctx, binary, p.Dir, []string{"a", "b"}[i%2])
		if err != nil {
			return err
		}
		trips := fmt.Sprint(relays.Stats().RoundTrips)
		if rtt == 0 {
			trips = "-" // chains show only with a delay
		}
		fmt.Printf("%5d  %6d ms  %7.2f  %s\n", len(hosts), rtt.Milliseconds(), took.Seconds(), trips)
	}
	return nil
}

func deploy(ctx context.Context, binary, dir, version string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, binary, "deploy", "-d", "lab", "--skip-push", "--version", version)
	cmd.Dir = dir
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("deploy %s: %w\n%s", version, err, out)
	}
	return time.Since(begin), nil
}
