package build

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc/codes"
)

// BuildKitImage is what buildx takes for a builder, too.
//
// Source: https://github.com/docker/buildx/blob/master/util/confutil (defaults)
const BuildKitImage = "moby/buildkit:buildx-stable-1"

// ImageLabel says what image our container was made from.
const ImageLabel = "hwdeploy.buildkit"

// BuildxContainer is the name of the container in which buildx runs the (first)
// node of a builder, as "kamal-remote-ssh---builder" on the machine "builder".
func BuildxContainer(builder string) string { return "buildx_buildkit_" + builder + "0" }

// Container is a container with a daemon of our own, as plain values for who
// creates it.
type Container struct {
	Name       string
	Image      string
	Cmd        []string
	Binds      []string
	Labels     map[string]string
	Restart    string
	Privileged bool
	// What stands for Privileged where that is false.
	CapAdd, CapDrop, Security, Devices []string
	CgroupNS                           string
	// Socket is where the host finds the daemon; root only.
	Socket string
}

// OwnContainer describes the daemon that serves where buildx left none. Its
// cache lives in a volume of the same name. image "" = BuildKitImage.
func OwnContainer(image string) Container {
	const name, state, run = "hwdeploy-buildkit", "/var/lib/buildkit", "/run/buildkit"
	return Container{
		Name: name, Image: cmp.Or(image, BuildKitImage), Privileged: true, Restart: "unless-stopped",
		Binds:  []string{name + ":" + state, "/run/" + name + ":" + run},
		Labels: map[string]string{ImageLabel: cmp.Or(image, BuildKitImage)},
		Socket: "/run/" + name + "/buildkitd.sock",
	}
}

// Unprivileged asks for all that Privileged gives, one by one, but for
// CAP_SYS_RESOURCE: a machine that is itself a container can't hand that on, and
// its engine then starts nothing that is privileged.
func (c Container) Unprivileged() Container {
	c.Privileged = false
	c.CapAdd, c.CapDrop = []string{"ALL"}, []string{"SYS_RESOURCE"}
	c.Security = []string{"seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"}
	c.Devices, c.CgroupNS = []string{"a *:* rwm"}, "host"
	c.Binds = append(slices.Clone(c.Binds), "/sys/fs/cgroup:/sys/fs/cgroup:rw")
	return c
}

// DialStdio is the command that reaches the daemon of any BuildKit container
// from within.
func DialStdio() []string { return []string{"buildctl", "dial-stdio"} }

// Version is what the daemon calls itself, "v0.34.2"; "" for an engine 20.10,
// which does not tell.
func (b *Builder) Version(ctx context.Context) (string, error) {
	info, err := b.client.Info(ctx)
	if grpcerrors.Code(err) == codes.Unimplemented {
		return "", nil
	}
	if err != nil {
		return "", &LostError{Host: b.host, Err: errors.Join(b.dialed.failure(), err)}
	}
	return info.BuildkitVersion.Version, nil
}

// Ready waits until the builder answers, as one that has just been started does
// after a moment. ctx bounds the wait; then the last failure is told as a
// *LostError.
func (b *Builder) Ready(ctx context.Context) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		_, err := b.client.ListWorkers(ctx)
		if err == nil || grpcerrors.Code(err) == codes.Unimplemented {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return &LostError{Host: b.host, Err: errors.Join(context.Cause(ctx), b.dialed.failure(), last)}
		}
	}
}
