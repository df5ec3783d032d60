package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// context measures builds of many files: nothing changed, one changed; then, to
// tell the builder's own work from the way to it, one changed without the link.
func (b *bench) context(ctx context.Context, files int) error {
	fmt.Printf("(a) a context of %d files, builder behind %d ms RTT and 100 Mbit\n", files, 2*oneWay.Milliseconds())
	p, err := b.begin(ctx, "context", map[string]string{
		"Dockerfile": "FROM scratch\nCOPY files /files\n", ".dockerignore": ".git\n.kamal\nconfig\ntmp\nrootfs.tar\n", "rootfs.tar": "",
	}, "builder: {driver: docker-container, remote: \""+remote+"\", args: {GIT_REVISION: x}}\n")
	if err != nil {
		return err
	}
	for i := range files {
		dir := filepath.Join(p.Dir, "files", fmt.Sprint(i%100))
		if i < 100 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(strings.Repeat(fmt.Sprint(i), 1000)), 0o644); err != nil {
			return err
		}
	}
	if _, err := p.Commit(ctx, "files"); err != nil {
		return err
	}
	if _, err := b.measure(ctx, p.Dir, b.buildx, "create", "--name", instance, "--driver", "docker-container", remote); err != nil {
		return err
	}
	ours := []string{b.binary, "build", "push", "-d", "lab"}
	again := append(append([]string{}, ours...), "--build")
	theirs := []string{b.buildx, "build", "--builder", instance, "--output", "type=image,push=true,registry.insecure=true", "--label", "service=shop", "-t", b.lab.Registry.Addr + "/demo/shop:theirs", "."}
	if err := b.login(); err != nil {
		return err
	}
	defer b.link(true)
	for _, side := range []struct {
		who  string
		argv []string
		what string
		edit bool
		far  bool
	}{
		{"docker buildx build", theirs, "nothing changed", false, true},
		{"hwdeploy build push", ours, "nothing changed", false, true},
		{"hwdeploy build push --build", again, "nothing changed", false, true},
		{"docker buildx build", theirs, "one file changed", true, true},
		{"hwdeploy build push", ours, "one file changed", true, true},
		{"docker buildx build", theirs, "one file changed, no link", true, false},
		{"hwdeploy build push", ours, "one file changed, no link", true, false},
	} {
		b.link(side.far)
		r, err := b.twice(ctx, p.Dir, func() error {
			if !side.edit {
				return nil
			}
			if err := p.Write("files/0/0", rand.Text()); err != nil {
				return err
			}
			_, err := p.Commit(ctx, "one file")
			return err
		}, side.argv...)
		if err != nil {
			return err
		}
		r.row(side.what, side.who)
	}
	return nil
}
