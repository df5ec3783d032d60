package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// BuildKitImage is the builder's image under the name that buildx and hwdeploy
// give it: the daemon from its Go module, with Debian's runc.
const BuildKitImage = "moby/buildkit:buildx-stable-1"

// unconfined is as close to --privileged as a machine comes that can't hand
// CAP_SYS_RESOURCE on.
func unconfined() []string {
	return []string{
		"--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--device-cgroup-rule", "a *:* rwm", "--cgroupns", "host",
		"--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined",
		"--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw",
	}
}

// LoadBuildKit gives a host's engine the builder's image, unless it has it. A
// reset leaves it there. The first call of a repository compiles the daemon,
// which takes minutes.
func (h *Host) LoadBuildKit(ctx context.Context) error {
	tar, err := h.lab.builder.buildKitTar(ctx)
	if err != nil {
		return err
	}
	have, err := h.Exec(ctx, "docker image inspect --format '{{index .Config.Labels \"hwdeploy.lab.hash\"}}' "+BuildKitImage+" 2>/dev/null; true")
	if err != nil || strings.TrimSpace(have) == buildKitHash(tar) {
		return err
	}
	f, err := os.Open(tar)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = h.ExecIn(ctx, f, "root", "docker load --quiet")
	return err
}

// StartBuildx runs on the host what buildx leaves there for a builder of that
// name.
func (h *Host) StartBuildx(ctx context.Context, builder string) error {
	if err := h.LoadBuildKit(ctx); err != nil {
		return err
	}
	container := "buildx_buildkit_" + builder + "0"
	args := append([]string{"run", "--detach", "--name", container, "--volume", container + "_state:/var/lib/buildkit"}, unconfined()...)
	_, err := h.Docker(ctx, append(args, BuildKitImage)...)
	return err
}

// BuildKit is a daemon in a container of this machine's engine. It shares this
// machine's network.
type BuildKit struct {
	Socket string // file
	id     string
	dir    string
}

// StartBuildKit starts one for tests that need no hosts; it carries the labels
// of the lab in o.
func StartBuildKit(ctx context.Context, o Options) (*BuildKit, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(o)
	if err != nil {
		return nil, err
	}
	if err := b.ensureEngine(ctx); err != nil {
		return nil, err
	}
	tar, err := b.buildKitTar(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := docker(ctx, "load", "--quiet", "--input", tar); err != nil {
		return nil, err
	}
	d := &BuildKit{}
	if d.dir, err = os.MkdirTemp("", "buildkit"); err != nil {
		return nil, err
	}
	d.Socket = filepath.Join(d.dir, "buildkitd.sock")
	l := &Lab{Name: o.Name, root: rootHash(o.Root)}
	args := append(append([]string{"run", "--detach", "--network", "host", "--volume", "/var/lib/buildkit", "--volume", d.dir + ":/run/buildkit"}, unconfined()...), l.owned()...)
	out, err := docker(ctx, append(args, BuildKitImage, "--oci-worker-net=host")...)
	d.id = strings.TrimSpace(out)
	if err != nil {
		return nil, d.close(ctx, err)
	}
	err = poll(ctx, time.Minute, 50*time.Millisecond, "the BuildKit daemon listens", func(context.Context) error {
		_, err := os.Stat(d.Socket)
		return err
	})
	if err != nil {
		logs, _ := docker(ctx, "logs", "--tail", "20", d.id)
		return nil, d.close(ctx, fmt.Errorf("%w; its log: %s", err, logs))
	}
	return d, nil
}

// Stop removes the daemon with all it has built.
func (d *BuildKit) Stop(ctx context.Context) error { return d.close(ctx, nil) }

func (d *BuildKit) close(ctx context.Context, err error) error {
	if d.id != "" {
		if _, rerr := docker(context.WithoutCancel(ctx), "rm", "--force", "--volumes", d.id); err == nil {
			err = rerr
		}
	}
	if rerr := os.RemoveAll(d.dir); err == nil {
		err = rerr
	}
	return err
}

// buildKitTar makes the image as `docker load` takes it, once.
func (b *builder) buildKitTar(ctx context.Context) (string, error) {
	unlock, err := b.lock(ctx, filepath.Join(b.cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	base, err := b.baseImage(ctx)
	if err != nil {
		return "", err
	}
	hash, err := hashOf([]string{filepath.Join(b.root, "lab/buildkitd")}, base.ref, runtime.Version(), "1")
	if err != nil {
		return "", err
	}
	return b.once("buildkit-image", hash, ".tar", func(path string) error { return b.makeBuildKit(ctx, base, hash, path) })
}

func buildKitHash(tar string) string {
	_, hash, _ := strings.Cut(strings.TrimSuffix(filepath.Base(tar), ".tar"), "buildkit-image-")
	return hash
}

func (b *builder) makeBuildKit(ctx context.Context, base baseImage, hash, path string) error {
	entries, err := shell(base.busybox)
	if err != nil {
		return err
	}
	for _, program := range []string{"buildkitd", "buildctl"} {
		out := filepath.Join(b.cache, program)
		if err := goBuild(ctx, filepath.Join(b.root, "lab/buildkitd"), out, "github.com/moby/buildkit/cmd/"+program); err != nil {
			return err
		}
		data, err := os.ReadFile(out)
		if err != nil {
			return err
		}
		if err := os.Remove(out); err != nil {
			return err
		}
		entries = append(entries, entry{name: "usr/bin/" + program, data: data, mode: 0o755})
	}
	programs, err := pack(entries...)
	if err != nil {
		return err
	}
	const take = "tar -chf - /usr/sbin/runc $(ldd /usr/sbin/runc | grep -o '/[^ ]*') /etc/ssl/certs/ca-certificates.crt 2>/dev/null"
	runc, err := docker(ctx, "run", "--rm", "--network", "none", base.ref, "sh", "-c", take)
	if err != nil {
		return err
	}
	img, err := buildKitImage(hash, []byte(runc), programs)
	if err != nil {
		return err
	}
	ref, err := name.ParseReference(BuildKitImage)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(path, ref, img)
}

func buildKitImage(hash string, layers ...[]byte) (v1.Image, error) {
	img := empty.Image
	for _, data := range layers {
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
		if err != nil {
			return nil, err
		}
		if img, err = mutate.AppendLayers(img, layer); err != nil {
			return nil, err
		}
	}
	c, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	c = c.DeepCopy()
	c.OS, c.Architecture = "linux", runtime.GOARCH
	c.Config = v1.Config{
		Entrypoint: []string{"buildkitd"}, Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		Labels: map[string]string{"hwdeploy.lab.image": "buildkit", "hwdeploy.lab.hash": hash},
	}
	return mutate.ConfigFile(img, c)
}
