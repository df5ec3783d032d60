package deploy

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// ensureProxyImage pulls the proxy's image where it is missing and the app's
// registry has it, with the login in the request: Kamal logs the host in. Any
// other image is left to the host's own docker.
func (e *Engine) ensureProxyImage(ctx context.Context, h Host) error {
	line := kamal.ProxyMissingLine(resolve.ProxyImage(e.Config, h.Name()))
	res, err := h.Run(ctx, run.Cmd{Name: "look for the proxy's image", Read: true, Line: line})
	image := strings.TrimSpace(res.Stdout)
	if err != nil || image == "" {
		return err
	}
	auth, err := e.AccessoryAuth(ctx, &config.Accessory{Name: "kamal-proxy", Image: image})
	if err != nil || auth.Reveal() == "" {
		return err
	}
	return h.Docker().Pull(ctx, image, docker.PullOptions{Auth: auth})
}
