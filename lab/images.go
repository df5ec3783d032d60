package lab

import (
	"archive/tar"
	"bytes"
	"context"
	_ "embed" // the files of a host
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed host/init.sh
var hostInit string

//go:embed host/sshd.conf
var hostSSHD string

//go:embed host/fingerprint.sh
var hostFingerprint string

//go:embed host/reset.sh
var hostReset string

// imageLabels mark an image as the lab's own, with the hash of what is in it.
func imageLabels(kind, hash string) []string {
	return []string{"--change", "LABEL hwdeploy.lab.image=" + kind + " hwdeploy.lab.hash=" + hash}
}

func imageExists(ctx context.Context, ref string) bool {
	_, err := docker(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	return err == nil
}

// hostImage is the base with users, the init program, sshd's settings and the
// proxy's image, which every host loads at its first start.
func (b *builder) hostImage(ctx context.Context, base baseImage, proxyTar string) (string, error) {
	hash, err := hashOf([]string{proxyTar}, base.ref, hostInit, hostSSHD, hostFingerprint, hostReset, "1")
	if err != nil {
		return "", err
	}
	ref := "hwdeploy-lab-host:" + hash
	if imageExists(ctx, ref) {
		return ref, nil
	}
	err = b.timed("built "+ref, func() error { return makeHostImage(ctx, ref, hash, base.ref, proxyTar) })
	if err != nil {
		return "", err
	}
	return ref, removeOld(ctx, "hwdeploy-lab-host", ref)
}

func makeHostImage(ctx context.Context, ref, hash, base, proxyTar string) error {
	proxy, err := os.ReadFile(proxyTar)
	if err != nil {
		return err
	}
	layer, err := pack(
		entry{name: "usr/local/sbin/lab-init", data: []byte(hostInit), mode: 0o755},
		entry{name: "usr/local/sbin/lab-fingerprint", data: []byte(hostFingerprint), mode: 0o755},
		entry{name: "usr/local/sbin/lab-reset", data: []byte(hostReset), mode: 0o755},
		entry{name: "etc/ssh/sshd_config.d/lab.conf", data: []byte(hostSSHD), mode: 0o644},
		entry{name: "usr/local/share/lab/kamal-proxy.tar", data: proxy, mode: 0o644},
	)
	if err != nil {
		return err
	}
	const users = "useradd --create-home --shell /bin/bash --groups docker,sudo --password '*' deploy && usermod --password '*' root"
	return temporary(ctx, func(id string) error {
		if _, err := docker(ctx, "start", "--attach", id); err != nil {
			return err
		}
		if _, err := run(ctx, command{stdin: bytes.NewReader(layer), argv: []string{"docker", "cp", "-", id + ":/"}}); err != nil {
			return err
		}
		_, err := docker(ctx, append(append([]string{"commit"}, imageLabels("host", hash)...),
			"--change", `ENTRYPOINT ["/usr/local/sbin/lab-init"]`, "--change", "CMD []", "--change", "EXPOSE 22 80 443", id, ref)...)
		return err
	}, "--network", "none", base, "sh", "-c", users)
}

// temporary makes a container by `docker create` with args, hands it to use and
// removes it, also when ctx ended meanwhile.
func temporary(ctx context.Context, use func(id string) error, args ...string) error {
	out, err := docker(ctx, append([]string{"create", "--label", "hwdeploy.lab.image=temporary"}, args...)...)
	if err != nil {
		return err
	}
	id := strings.TrimSpace(out)
	err = use(id)
	if _, rmErr := docker(context.WithoutCancel(ctx), "rm", "--force", "--volumes", id); err == nil {
		err = rmErr
	}
	return err
}

// serviceImage holds the programs that run beside the hosts.
func (b *builder) serviceImage(ctx context.Context, bins map[string]string) (string, error) {
	names := []string{"labregistry", "labdb", "labs3", "s3gateway"}
	var entries []entry
	var hash strings.Builder
	for _, n := range names {
		data, err := os.ReadFile(bins[n])
		if err != nil {
			return "", err
		}
		entries = append(entries, entry{name: n, data: data, mode: 0o755})
		h, err := hashOf([]string{bins[n]})
		if err != nil {
			return "", err
		}
		hash.WriteString(h)
	}
	sum, err := hashOf(nil, hash.String())
	if err != nil {
		return "", err
	}
	ref := "hwdeploy-lab-services:" + sum
	if imageExists(ctx, ref) {
		return ref, nil
	}
	layer, err := pack(append(entries, entry{name: "tmp/", mode: 0o1777})...)
	if err != nil {
		return "", err
	}
	_, err = run(ctx, command{stdin: bytes.NewReader(layer), argv: append(append([]string{"docker", "import"}, imageLabels("services", sum)...), "-", ref)})
	if err != nil {
		return "", err
	}
	return ref, removeOld(ctx, "hwdeploy-lab-services", ref)
}

// removeOld removes the images of a repository other than keep. An image that
// a lab still runs stays.
func removeOld(ctx context.Context, repository, keep string) error {
	out, err := docker(ctx, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository)
	if err != nil {
		return err
	}
	for _, ref := range strings.Fields(out) {
		if ref == keep {
			continue
		}
		users, err := docker(ctx, "ps", "--all", "--quiet", "--filter", "ancestor="+ref)
		if err != nil {
			return err
		}
		if strings.TrimSpace(users) != "" {
			continue
		}
		if _, err := docker(ctx, "image", "rm", ref); err != nil {
			return err
		}
	}
	return nil
}

// entry is one file of an archive; a name that ends in "/" is a folder, a link
// is a symbolic link to it.
type entry struct {
	name, link string
	data       []byte
	mode       int64
	uid        int
}

// pack makes a tar archive that depends on nothing but the entries.
func pack(entries ...entry) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Uid: e.uid, Gid: e.uid, Size: int64(len(e.data)), ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg}
		switch {
		case e.link != "":
			h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, e.link, 0o777
		case strings.HasSuffix(e.name, "/"):
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, err
		}
	}
	return buf.Bytes(), w.Close()
}

// takeFile copies one file out of an image.
func takeFile(ctx context.Context, ref, name, to string) error {
	var out string
	err := temporary(ctx, func(id string) (err error) {
		out, err = docker(ctx, "cp", "--follow-link", id+":"+name, "-")
		return err
	}, ref, "true")
	if err != nil {
		return err
	}
	r := tar.NewReader(strings.NewReader(out))
	if _, err := r.Next(); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	return os.WriteFile(to, data, 0o755)
}

// writeFile writes text and makes the folders above it.
func writeFile(path, text string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
