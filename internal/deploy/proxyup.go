package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// proxy makes the network and brings kamal-proxy up.
func (w *worker) proxy(ctx context.Context, h Host, s plan.Step) error {
	if s.Proxy.Network {
		if err := h.Docker().NetworkEnsure(ctx, "kamal"); err != nil {
			return err
		}
	}
	switch {
	case s.Proxy.Start:
		if err := h.Docker().Start(ctx, "kamal-proxy"); err != nil {
			return fmt.Errorf("%w\n`hwdeploy proxy reboot` puts one in its place that is as proxy/run says now", err)
		}
	case s.Proxy.Run:
		if err := w.engine.ensureProxyImage(ctx, h); err != nil {
			return err
		}
		line := `[ "$(docker inspect -f '{{.State.Running}}' kamal-proxy 2>/dev/null)" = true ] || { ` +
			w.engine.app().ProxyDirLine() + " && { " + resolve.ProxyRun(w.engine.Config, h.Name()) + "; }; }"
		if _, err := h.Run(ctx, run.Cmd{Name: "run kamal-proxy", Line: line}); err != nil {
			err = fmt.Errorf("%w\nkamal-proxy is published on the ports of proxy/run: is something else listening there?", err)
			if ctx.Err() == nil { // with its settings nothing that is mended would reach it
				err = errors.Join(err, dropUnstarted(ctx, h, "kamal-proxy"))
			}
			return err
		}
	}
	return nil
}

// ensureProxyImage pulls the proxy's image where it is missing and the app's
// registry has it, with the login in the request: Kamal logs the host in. Any
// other image is left to the host's own docker.
func (e *Engine) ensureProxyImage(ctx context.Context, h Host) error {
	line := kamal.ProxyMissingLine(resolve.ProxyImage(e.Config, h.Name()))
	res, err := h.Run(ctx, run.Cmd{Name: "look for the proxy's image", Line: line})
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
