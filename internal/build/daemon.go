package build

import (
	"context"
	"errors"
	"time"

	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc/codes"
)

// BuildKitImage is what buildx takes for a builder, too.
//
// Source: https://github.com/docker/buildx/blob/master/util/confutil (defaults)
const BuildKitImage = "moby/buildkit:buildx-stable-1"

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
	// Socket is where the host finds the daemon; root only.
	Socket string
	// Dial reaches it by a command in the container, for everybody who may use
	// the engine.
	Dial []string
}

// OwnContainer describes the daemon that serves where buildx left none. Its
// cache lives in a volume of the same name. image "" = BuildKitImage.
func OwnContainer(image string) Container {
	const name, state, run = "hwdeploy-buildkit", "/var/lib/buildkit", "/run/buildkit"
	return Container{
		Name: name, Image: orDefault(image, BuildKitImage), Privileged: true, Restart: "unless-stopped",
		Binds:  []string{name + ":" + state, "/run/" + name + ":" + run},
		Labels: map[string]string{"hwdeploy": "buildkit"},
		Socket: "/run/" + name + "/buildkitd.sock",
		Dial:   DialStdio(),
	}
}

// DialStdio is the command that reaches the daemon of any BuildKit container
// from within.
func DialStdio() []string { return []string{"buildctl", "dial-stdio"} }

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
