package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	suite      = "bookworm"
	stockImage = "debian:bookworm-slim"
)

// basePackages is what a lab host is made of.
const basePackages = "openssh-server,docker.io,iptables,iproute2,procps,sudo,ca-certificates,busybox-static"

// dpkgConfig keeps documentation off the hosts, which halves dpkg's work.
const dpkgConfig = `path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/info/*
force-unsafe-io
`

// baseImage is Debian with the host's packages, and a shell taken out of it.
type baseImage struct{ ref, busybox string }

// baseImage finds or makes the image: from a Debian image that the engine has,
// else by debootstrap (root on Debian), else from a pulled Debian image.
func (b *builder) baseImage(ctx context.Context) (baseImage, error) {
	hash, err := hashOf(nil, suite, basePackages, dpkgConfig, "2")
	if err != nil {
		return baseImage{}, err
	}
	base := baseImage{ref: "hwdeploy-lab-base:" + hash}
	if !imageExists(ctx, base.ref) {
		if err := b.makeBase(ctx, base.ref, hash); err != nil {
			return base, err
		}
	}
	base.busybox, err = b.once("busybox", hash, "", func(path string) error { return takeFile(ctx, base.ref, "/bin/busybox", path) })
	return base, err
}

func (b *builder) makeBase(ctx context.Context, ref, hash string) error {
	var without error
	if !imageExists(ctx, stockImage) && os.Geteuid() == 0 && have("apt-get") {
		without = b.timed("built "+ref+" by debootstrap", func() error { return b.baseByDebootstrap(ctx, ref, hash) })
		if without == nil || ctx.Err() != nil {
			return without
		}
	}
	if !imageExists(ctx, stockImage) {
		if _, err := docker(ctx, "pull", "--quiet", stockImage); err != nil {
			return fmt.Errorf("the lab's hosts need %s: give the engine that image, or run as root on Debian: %w", stockImage, errors.Join(without, err))
		}
	}
	return b.timed("built "+ref+" from "+stockImage, func() error { return b.baseFromImage(ctx, ref, hash) })
}

func (b *builder) baseByDebootstrap(ctx context.Context, ref, hash string) error {
	if !have("debootstrap") {
		if err := b.install(ctx, "debootstrap"); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp(b.cache, "rootfs-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeFile(filepath.Join(dir, "etc/dpkg/dpkg.cfg.d/lab"), dpkgConfig, 0o644); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	_, err = run(ctx, command{argv: []string{"debootstrap", "--variant=minbase", "--include=" + basePackages, suite, dir, mirror()}})
	if err != nil {
		return err
	}
	if err := tidyRootfs(dir); err != nil {
		return err
	}
	tar := exec.CommandContext(ctx, "tar", "-C", dir, "--numeric-owner", "-c", ".")
	out, err := tar.StdoutPipe()
	if err != nil {
		return err
	}
	if err := tar.Start(); err != nil {
		return fmt.Errorf("pack %s: %w", dir, err)
	}
	_, err = run(ctx, command{stdin: out, argv: append(append([]string{"docker", "import"}, imageLabels("base", hash)...), "-", ref)})
	if werr := tar.Wait(); err == nil && werr != nil {
		err = fmt.Errorf("pack %s: %w", dir, werr)
	}
	return err
}

// tidyRootfs removes what hosts must not share (keys, machine id) or not carry.
func tidyRootfs(dir string) error {
	for _, pattern := range []string{"etc/ssh/ssh_host_*", "etc/machine-id", "var/cache/apt/*", "var/lib/apt/lists/*", "var/log/*", "usr/share/doc/*", "usr/share/locale/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, f := range found {
			if err := os.RemoveAll(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// baseFromImage installs the packages in a container of the stock image, with
// the mirror that apt on this machine uses, and commits it.
func (b *builder) baseFromImage(ctx context.Context, ref, hash string) error {
	script := "set -e\n" +
		"printf '%s' \"$DPKG\" > /etc/dpkg/dpkg.cfg.d/lab\n" +
		"if [ -n \"$MIRROR\" ]; then rm -f /etc/apt/sources.list.d/* && echo \"deb $MIRROR " + suite + " main\" > /etc/apt/sources.list; fi\n" +
		"apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends " + strings.ReplaceAll(basePackages, ",", " ") + "\n" +
		"rm -rf /etc/ssh/ssh_host_* /etc/machine-id /var/cache/apt/* /var/lib/apt/lists/* /var/log/*\n"
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	return temporary(ctx, func(id string) error {
		if _, err := docker(ctx, "start", "--attach", id); err != nil {
			return err
		}
		_, err := docker(ctx, append(append([]string{"commit"}, imageLabels("base", hash)...), id, ref)...)
		return err
	}, "--network", "host", "--env", "MIRROR="+mirror(), "--env", "DPKG="+dpkgConfig, stockImage, "sh", "-c", script)
}

// mirror is the first Debian mirror that apt here is set up with; "" = none, and
// each tool takes its own default.
func mirror() string {
	if release, err := os.ReadFile("/etc/os-release"); err != nil || !strings.Contains("\n"+string(release), "\nID=debian\n") {
		return ""
	}
	files, err := filepath.Glob("/etc/apt/sources.list.d/*.sources")
	if err != nil {
		return ""
	}
	lists, err := filepath.Glob("/etc/apt/sources.list.d/*.list")
	if err != nil {
		return ""
	}
	for _, file := range append(append([]string{"/etc/apt/sources.list"}, files...), lists...) {
		if m := mirrorIn(file); m != "" {
			return m
		}
	}
	return ""
}

// mirrorIn finds, in either of apt's two formats, an address of an archive
// whose path ends in "debian" (not the security one, not a third party's).
func mirrorIn(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || (words[0] != "deb" && words[0] != "URIs:") {
			continue
		}
		for _, w := range words[1:] {
			if strings.HasPrefix(w, "http") && strings.HasSuffix(strings.TrimSuffix(w, "/"), "/debian") {
				return w
			}
		}
	}
	return ""
}
