package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// prepare puts on a host what its new containers and the proxy will read: error
// pages, assets (bridged with the version that serves), certificates. All of it
// lies in folders of the new version.
func (w *worker) prepare(ctx context.Context, h Host, s plan.Step) error {
	if s.Prepare.ErrorPages {
		if err := w.engine.sendErrorPages(ctx, h, w.request.Version); err != nil {
			return err
		}
	}
	for _, a := range s.Prepare.Roles {
		line := resolve.AssetLines(w.engine.Config, w.engine.role(a.Role), w.request.Version, a.Old)
		if _, err := h.Run(ctx, run.Cmd{Name: "extract the assets of " + a.Role, Line: line}); err != nil {
			return err
		}
	}
	for _, role := range s.Prepare.TLSRoles {
		if err := w.engine.sendCertificate(ctx, h, role); err != nil {
			return err
		}
	}
	return nil
}

// sendCertificate uploads a role's own certificate, for the proxy's eyes.
func (e *Engine) sendCertificate(ctx context.Context, h Host, role string) error {
	p := e.role(role).Proxy
	dir := e.app().TLSDir(role)
	if _, err := h.Run(ctx, run.Cmd{Name: "make the certificate folder", Line: "mkdir -p " + run.Quote(dir)}); err != nil {
		return err
	}
	for file, name := range map[string]string{"cert.pem": p.CertificatePEM, "key.pem": p.PrivateKeyPEM} {
		v, err := e.Secrets.Lookup(ctx, name)
		if err != nil {
			return err
		}
		if err := h.Upload(ctx, path.Join(dir, file), []byte(v.Reveal()), 0o600); err != nil {
			return err
		}
	}
	_, err := h.Run(ctx, run.Cmd{Name: "close the certificate's files", Line: certificateModeLine(dir)})
	return err
}

// tidy removes the asset and error page folders of other versions. From its start
// on nothing returns to them.
func (w *worker) tidy(ctx context.Context, h Host, s plan.Step) error {
	app := w.engine.app()
	var parts []string
	for _, role := range s.Tidy.Assets {
		parts = append(parts, app.Role(role).AssetCleanLine(w.request.Version))
	}
	if s.Tidy.ErrorPages {
		needed, err := w.neededPages(ctx, h)
		if err != nil {
			return err
		}
		parts = append(parts, app.ErrorPagesCleanLine(w.request.Version, needed...))
	}
	_, err := h.Run(ctx, run.Cmd{Name: "tidy older versions' folders", Line: strings.Join(parts, " ; ")})
	return err
}

// neededPages are the versions whose error pages the proxy reads for accessories:
// without them a restart of the proxy would lose every route on the host.
func (w *worker) neededPages(ctx context.Context, h Host) ([]string, error) {
	services := map[string]bool{}
	for _, a := range w.engine.Config.Accessories {
		if a.Proxied && slices.Contains(a.Hosts, h.Name()) {
			services[a.Service] = true
		}
	}
	if len(services) == 0 {
		return nil, nil
	}
	res, err := h.Run(ctx, run.Cmd{Name: "read the proxy's state", Line: "docker exec kamal-proxy cat " + kamal.ProxyStateFile})
	if err != nil {
		return nil, err
	}
	state, err := kamal.ParseProxyState([]byte(res.Stdout))
	var out []string
	for _, s := range state {
		if services[s.Service] && s.ErrorPagesPath != "" {
			out = append(out, path.Base(s.ErrorPagesPath))
		}
	}
	return out, err
}
