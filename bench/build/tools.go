package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/lab"
)

// builder is the machine that builds, and the buildx instance on it.
const (
	builderHost = "lab-3"
	remote      = "ssh://root@" + builderHost
	instance    = "kamal-remote-ssh---root-lab-3"
)

type bench struct {
	lab    *lab.Lab
	relays *lab.Relays
	dir    string
	binary string
	buildx string
}

// tools builds buildx and gives docker's tools an ssh that knows the relays.
func (b *bench) tools(ctx context.Context) error {
	b.buildx = filepath.Join(b.dir, "buildx")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.buildx, "github.com/docker/buildx/cmd/buildx")
	build.Dir, build.Env = "bench/buildx", append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build buildx: %w\n%s", err, out)
	}
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		return err
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %s -F %s \"$@\"\n", ssh, b.relays.SSHConfig)
	return os.WriteFile(filepath.Join(b.dir, "ssh"), []byte(script), 0o755) //nolint:gosec // a program
}

// link puts the builder far away, or beside us.
func (b *bench) link(far bool) {
	latency, rate := oneWay, bitRate
	if !far {
		latency, rate = 0, 0
	}
	b.relays.SetLatency(latency)
	b.relays.SetBandwidth(rate)
}

// result is what one command took.
type result struct {
	seconds  float64
	up, down int64 // bytes over our link
}

// row prints a result.
func (r result) row(what, who string) {
	fmt.Printf("%-34s %-28s %7.1f s %9.2f MB up %9.2f MB down\n", what, who, r.seconds, float64(r.up)/1e6, float64(r.down)/1e6)
}

// measure runs a command and counts what it moves.
func (b *bench) measure(ctx context.Context, dir string, argv ...string) (result, error) {
	b.relays.Reset()
	begin := time.Now()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+b.dir+":"+os.Getenv("PATH"), "HOME="+b.dir, "BUILDX_CONFIG="+filepath.Join(b.dir, "buildx-config"),
		"DOCKER_CONFIG="+filepath.Join(b.dir, "docker-config"), "DOCKER_HOST=", "BUILDX_NO_DEFAULT_ATTESTATIONS=1")
	if argv[0] == "docker" {
		cmd.Env = append(cmd.Env, "DOCKER_HOST="+remote)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	took := time.Since(begin).Seconds()
	s := b.relays.Stats()
	return result{took, s.Up, s.Down}, nil
}

// begin makes the lab as new, with a builder that both tools know, and a project.
func (b *bench) begin(ctx context.Context, name string, files map[string]string, overlay string) (*lab.Project, error) {
	if err := b.lab.Reset(ctx); err != nil {
		return nil, err
	}
	if err := b.lab.Host(builderHost).StartBuildx(ctx, instance); err != nil {
		return nil, err
	}
	return lab.WriteProject(ctx, filepath.Join(b.dir, name), b.lab, lab.ProjectOptions{
		Roles:   []lab.Role{{Name: "web", Hosts: []string{"lab-1"}}},
		SSHPort: b.relays.Port, SSHConfig: b.relays.SSHConfig, KnownHosts: b.relays.KnownHosts,
		Overlay: overlay, Files: files, Extension: "  known_hosts: config/known_hosts\n  insecure_registry: true\n",
	})
}

// twice runs a command once to warm up and once measured.
func (b *bench) twice(ctx context.Context, dir string, between func() error, argv ...string) (result, error) {
	if _, err := b.measure(ctx, dir, argv...); err != nil {
		return result{}, err
	}
	if err := between(); err != nil {
		return result{}, err
	}
	return b.measure(ctx, dir, argv...)
}
