package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/warmlyyours/hwdeploy/lab"
)

// push measures the push of a large image of which 5 MB changed.
func (b *bench) push(ctx context.Context, large int) error {
	const changed = 5
	fmt.Printf("(b) push of an image of %d MB of which %d MB changed, same link\n", large+changed, changed)
	for _, way := range []struct{ who, driver, push string }{
		{"here", "docker-container", "here"}, {"by the builder", "docker-container", "builder"}, {"docker push", "docker", "auto"},
	} {
		overlay := fmt.Sprintf("builder: {driver: %s, remote: %q, args: {GIT_REVISION: x}}\nx-hwdeploy: {push: %s}\n", way.driver, remote, way.push)
		p, err := b.begin(ctx, "push-"+way.push, dockerfile(large, changed, 1), overlay)
		if err != nil {
			return err
		}
		if err := b.pushOnce(ctx, p, way.who, large, changed); err != nil {
			return err
		}
	}
	return nil
}

// pushOnce pushes all, then builds the change, then measures only its push.
func (b *bench) pushOnce(ctx context.Context, p *lab.Project, who string, large, changed int) error {
	argv := []string{b.binary, "build", "push", "-d", "lab"}
	if _, err := b.measure(ctx, p.Dir, argv...); err != nil {
		return err
	}
	if err := p.Write("Dockerfile", dockerfile(large, changed, 2)["Dockerfile"]); err != nil {
		return err
	}
	v, err := p.Commit(ctx, "another top layer")
	if err != nil {
		return err
	}
	if who != "docker push" {
		r, err := b.measure(ctx, p.Dir, argv...)
		if err == nil {
			r.row("build and push, 5 MB changed", "hwdeploy, "+who)
		}
		return err
	}
	image := b.lab.Registry.Addr + "/demo/shop:" + v
	if err := b.login(); err != nil {
		return err
	}
	built, err := b.measure(ctx, p.Dir, "docker", "build", "--quiet", "--label", "service=shop", "-t", image, ".")
	if err != nil {
		return err
	}
	r, err := b.measure(ctx, p.Dir, "docker", "push", "--quiet", image)
	if err != nil {
		return err
	}
	result{built.seconds + r.seconds, built.up + r.up, built.down + r.down}.row("build and push, 5 MB changed", "docker build, docker push")
	return nil
}

func dockerfile(large, changed, round int) map[string]string {
	text := fmt.Sprintf("FROM scratch\nADD rootfs.tar /\nRUN head -c %d000000 /dev/urandom > /large\nRUN echo %d && head -c %d000000 /dev/urandom > /changed\n", large, round, changed)
	return map[string]string{"Dockerfile": text, ".dockerignore": ".git\n.kamal\nconfig\ntmp\n"}
}

// login gives docker's tools the registry's account.
func (b *bench) login() error {
	r := b.lab.Registry
	auth := base64.StdEncoding.EncodeToString([]byte(r.Username + ":" + r.Password))
	dir := filepath.Join(b.dir, "docker-config")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text := strings.ReplaceAll(strings.ReplaceAll(`{"auths": {"ADDR": {"auth": "AUTH"}}}`, "ADDR", r.Addr), "AUTH", auth)
	return os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600)
}
