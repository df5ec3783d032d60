package deploy

import (
	"context"
	"fmt"
	"io/fs"
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

// errorPages are the files that the proxy can show: 4??.html and 5??.html.
func (e *Engine) errorPages() []string {
	if e.Config.ErrorPagesPath == "" {
		return nil
	}
	var out []string
	for _, pattern := range []string{"4??.html", "5??.html"} {
		files, err := fs.Glob(e.Pages, pattern)
		if err == nil { // the pattern is well formed
			out = append(out, files...)
		}
	}
	return out
}

func (e *Engine) hasErrorPages() bool { return len(e.errorPages()) > 0 }

func (e *Engine) sendErrorPages(ctx context.Context, h Host, version string) error {
	remote := e.app().ErrorPages(version)
	if _, err := h.Run(ctx, run.Cmd{Name: "make the error page folder", Line: "mkdir -p " + run.Quote(remote)}); err != nil {
		return err
	}
	for _, file := range e.errorPages() {
		content, err := fs.ReadFile(e.Pages, file)
		if err != nil {
			return err
		}
		if err := h.Upload(ctx, path.Join(remote, file), content, 0o644); err != nil {
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

// proxy makes the network and brings kamal-proxy up.
func (w *worker) proxy(ctx context.Context, h Host, s plan.Step) error {
	if s.Proxy.Network {
		if err := h.Docker().NetworkEnsure(ctx, "kamal"); err != nil {
			return err
		}
	}
	switch {
	case s.Proxy.Start:
		return h.Docker().Start(ctx, "kamal-proxy")
	case s.Proxy.Run:
		line := `[ "$(docker inspect -f '{{.State.Running}}' kamal-proxy 2>/dev/null)" = true ] || { ` +
			w.engine.app().ProxyDirLine() + " && { " + resolve.ProxyRun(w.engine.Config, h.Name()) + "; }; }"
		if _, err := h.Run(ctx, run.Cmd{Name: "run kamal-proxy", Line: line}); err != nil {
			return fmt.Errorf("%w\nkamal-proxy is published on the ports of proxy/run: is something else listening there?", err)
		}
	}
	return nil
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
	res, err := h.Run(ctx, run.Cmd{Name: "read the proxy's state", Read: true, Line: "docker exec kamal-proxy cat " + kamal.ProxyStateFile})
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
