package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// route gives a proxied accessory's container to kamal-proxy.
func (w *worker) route(ctx context.Context, h Host, a *config.Accessory, id string) error {
	if !a.Proxied {
		return nil
	}
	version := w.request.Version
	if version == "" {
		version = w.engine.Config.LatestTag()
	}
	version, err := w.pagesVersion(ctx, h, version)
	if err != nil {
		return err
	}
	if err := w.held.record(h.Name(), "inflight "+a.Service); err != nil {
		return err
	}
	target := fmt.Sprintf("%s:%d", docker.ShortID(id), a.Proxy.AppPort)
	err = w.engine.giveProxy(ctx, h, resolve.AccessoryProxyDeploy(w.engine.Config, a, version, target))
	if done := w.held.record(h.Name(), "done "+a.Service); err == nil {
		err = done
	}
	return err
}

// unroute takes an accessory off kamal-proxy. A proxy that does not know it, or
// is not there, is no error (with Kamal it is).
func (w *worker) unroute(ctx context.Context, h Host, a *config.Accessory) error {
	if !a.Proxied {
		return nil
	}
	_, err := h.Run(ctx, run.Cmd{Name: "kamal-proxy remove " + a.Service, Line: resolve.Accessory(w.engine.Config, a).ProxyRemoveLine()})
	var exit *run.ExitError
	if errors.As(err, &exit) {
		for _, text := range []string{"service not found", "No such container", "is not running"} {
			if strings.Contains(exit.Stderr, text) {
				return nil
			}
		}
	}
	return err
}
