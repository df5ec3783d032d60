package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// ensureEngine makes sure that a container engine answers. Where none does, and
// root and apt are at hand, it installs Docker Engine and starts it.
func (b *builder) ensureEngine(ctx context.Context) error {
	err := engineAnswers(ctx)
	if err == nil {
		return nil
	}
	if conn, dialErr := net.DialTimeout("unix", "/var/run/docker.sock", time.Second); dialErr == nil {
		return errors.Join(conn.Close(), fmt.Errorf("an engine listens on /var/run/docker.sock, but the docker program does not reach one; see DOCKER_HOST and `docker context`: %w", err))
	}
	if os.Geteuid() != 0 || !have("apt-get") {
		return fmt.Errorf("no container engine answers, and without root and apt the lab can't install one; start Docker, or run as root on Debian: %w", err)
	}
	if !have("dockerd") || !have("docker") {
		if err := b.install(ctx, "docker.io", "iptables"); err != nil {
			return err
		}
		if !have("docker") { // since Debian 13 the program is a package of its own
			if err := b.install(ctx, "docker-cli"); err != nil {
				return err
			}
		}
	}
	return b.startEngine(ctx)
}

func engineAnswers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := docker(ctx, "version", "--format", "{{.Server.Version}}")
	return err
}

// startEngine starts dockerd by the service manager, else as a process of its
// own that outlives this one.
func (b *builder) startEngine(ctx context.Context) error {
	b.log("starting Docker Engine")
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		if _, err := run(ctx, command{argv: []string{"systemctl", "start", "docker"}}); err != nil {
			return fmt.Errorf("start Docker Engine: %w", err)
		}
	} else if err := b.spawnEngine(); err != nil {
		return err
	}
	err := poll(ctx, time.Minute, 200*time.Millisecond, "Docker Engine answers", engineAnswers)
	if err != nil {
		return fmt.Errorf("%w; its log: %s", err, b.engineLog())
	}
	return nil
}

func (b *builder) engineLog() string { return filepath.Join(b.stateRoot, "dockerd.log") }

func (b *builder) spawnEngine() error {
	log, err := os.OpenFile(b.engineLog(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("start Docker Engine: %w", err)
	}
	defer log.Close()
	cmd := exec.Command("dockerd")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start Docker Engine: %w", err)
	}
	return cmd.Process.Release()
}

// install installs Debian packages, with fresh package lists if need be.
func (b *builder) install(ctx context.Context, packages ...string) error {
	if os.Geteuid() != 0 || !have("apt-get") {
		return fmt.Errorf("the lab needs the Debian packages %v: install them, or run as root where apt is", packages)
	}
	b.log(fmt.Sprintf("installing %v", packages))
	argv := append([]string{"apt-get", "install", "--yes", "--no-install-recommends"}, packages...)
	env := []string{"DEBIAN_FRONTEND=noninteractive"}
	_, first := run(ctx, command{argv: argv, env: env})
	if first == nil {
		return nil
	}
	if _, err := run(ctx, command{argv: []string{"apt-get", "update"}, env: env}); err != nil {
		return fmt.Errorf("install %v: %w", packages, errors.Join(first, err))
	}
	if _, err := run(ctx, command{argv: argv, env: env}); err != nil {
		return fmt.Errorf("install %v: %w", packages, err)
	}
	return nil
}

func have(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}
