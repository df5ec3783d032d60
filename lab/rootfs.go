package lab

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sort"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// ProxyImage is the proxy as hosts know it.
const ProxyImage = "basecamp/kamal-proxy:v0.9.2"

const (
	proxyUID = 1000
	passwd   = "root:x:0:0:root:/root:/bin/sh\n"
	group    = "root:x:0:\n"
)

// shell gives the files of a minimal system: busybox under all its names.
func shell(busybox string) ([]entry, error) {
	data, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	list, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(list))
	sort.Strings(names)
	entries := []entry{
		{name: "bin/", mode: 0o755}, {name: "bin/busybox", data: data, mode: 0o755},
		{name: "root/", mode: 0o700}, {name: "tmp/", mode: 0o1777}, {name: "etc/", mode: 0o755}, {name: "usr/bin/", mode: 0o755},
	}
	for _, n := range names {
		if n != "busybox" {
			entries = append(entries, entry{name: "bin/" + n, link: "busybox"})
		}
	}
	return append(entries, entry{name: "usr/bin/env", link: "/bin/busybox"}), nil
}

// rootfsTar is what the sample application's Dockerfile starts from.
func (b *builder) rootfsTar(busybox, app string) (string, error) {
	hash, err := hashOf([]string{busybox, app}, "1")
	if err != nil {
		return "", err
	}
	return b.once("rootfs", hash, ".tar", func(path string) error {
		entries, err := shell(busybox)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(app)
		if err != nil {
			return err
		}
		entries = append(entries,
			entry{name: "etc/passwd", data: []byte(passwd + "rails:x:1000:1000::/rails:/bin/sh\n"), mode: 0o644},
			entry{name: "etc/group", data: []byte(group + "rails:x:1000:\n"), mode: 0o644},
			entry{name: "rails/", mode: 0o755}, entry{name: "rails/bin/", mode: 0o755},
			entry{name: "rails/public/", mode: 0o755}, entry{name: "rails/tmp/", mode: 0o777}, entry{name: "rails/storage/", mode: 0o777},
			entry{name: "rails/bin/rails", data: data, mode: 0o755},
			entry{name: "rails/bin/upload-sourcemaps", link: "rails"},
			entry{name: "usr/bin/bundle", link: "/rails/bin/rails"},
		)
		return writeTar(path, entries)
	})
}

// proxyTar is the proxy's image as `docker load` takes it. Users, paths, label
// and command are those of the published image; the system below is busybox.
func (b *builder) proxyTar(busybox, proxy string) (string, error) {
	hash, err := hashOf([]string{busybox, proxy}, ProxyImage, "1")
	if err != nil {
		return "", err
	}
	return b.once("kamal-proxy-image", hash, ".tar", func(path string) error {
		img, err := proxyImage(busybox, proxy)
		if err != nil {
			return err
		}
		ref, err := name.ParseReference(ProxyImage)
		if err != nil {
			return err
		}
		return tarball.WriteToFile(path, ref, img)
	})
}

func proxyImage(busybox, proxy string) (v1.Image, error) {
	entries, err := shell(busybox)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(proxy)
	if err != nil {
		return nil, err
	}
	entries = append(entries,
		entry{name: "etc/passwd", data: []byte(passwd + "kamal-proxy:x:1000:1000::/home/kamal-proxy:/bin/sh\n"), mode: 0o644},
		entry{name: "etc/group", data: []byte(group + "kamal-proxy:x:1000:\n"), mode: 0o644},
		entry{name: "usr/local/bin/", mode: 0o755}, entry{name: "usr/local/bin/kamal-proxy", data: data, mode: 0o755},
		entry{name: "home/kamal-proxy/", mode: 0o755, uid: proxyUID}, entry{name: "home/kamal-proxy/.config/", mode: 0o755, uid: proxyUID},
		entry{name: "home/kamal-proxy/.config/kamal-proxy/", mode: 0o755, uid: proxyUID},
	)
	packed, err := pack(entries...)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil })
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	c, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Config = "linux", runtime.GOARCH, proxyConfig()
	return mutate.ConfigFile(img, c)
}

func proxyConfig() v1.Config {
	return v1.Config{
		User:         "kamal-proxy",
		Cmd:          []string{"kamal-proxy", "run"},
		Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		ExposedPorts: map[string]struct{}{"80/tcp": {}, "443/tcp": {}},
		Labels:       map[string]string{"org.opencontainers.image.title": "kamal-proxy"},
	}
}

func writeTar(path string, entries []entry) error {
	data, err := pack(entries...)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
