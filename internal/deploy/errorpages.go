package deploy

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

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

func (e *Engine) lacksErrorPages() error {
	if e.Config.ErrorPagesPath == "" || e.hasErrorPages() {
		return nil
	}
	return fmt.Errorf("error_pages_path: no 4xx.html or 5xx.html in %s; kamal-proxy would refuse the deploy", e.Config.ErrorPagesPath)
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
	res, err := h.Run(ctx, run.Cmd{Name: "look for error pages", Line: line})
	if err != nil {
		return "", err
	}
	if there := strings.TrimSpace(res.Stdout); there != "" {
		return there, nil
	}
	return version, e.sendErrorPages(ctx, h, version)
}
