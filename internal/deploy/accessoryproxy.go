package deploy

import (
	"context"
	"errors"
	"fmt"
	"path"
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

// pagesVersion is the version whose error pages the proxy is to show for an
// accessory, for a container that is started again, or after a return: the wanted
// one if its pages lie on the host, else the newest there; where there are none
// the wanted ones are sent. (Kamal names pages that are not there yet.)
func (w *worker) pagesVersion(ctx context.Context, h Host, version string) (string, error) {
	e := w.engine
	if e.Config.ErrorPagesPath == "" {
		return version, nil
	}
	dir := path.Dir(e.app().ErrorPages(version))
	line := fmt.Sprintf("cd %s 2>/dev/null && { [ -d %[2]s ] && echo %[2]s || ls -t | head -n 1; }; true", run.Quote(dir), run.Quote(version))
	res, err := h.Run(ctx, run.Cmd{Name: "look for error pages", Read: true, Line: line})
	if err != nil {
		return "", err
	}
	if there := strings.TrimSpace(res.Stdout); there != "" {
		return there, nil
	}
	return version, e.sendErrorPages(ctx, h, version)
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
