package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// terminal is the person at this program's terminal; nil when there is none, or
// one that cannot draw.
func terminal(environ []string) ui.Asker {
	for _, f := range []*os.File{os.Stdin, os.Stderr} {
		if !term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor fits
			return nil
		}
	}
	if !sized(os.Stderr) {
		return nil
	}
	if i := slices.IndexFunc(environ, func(kv string) bool { return strings.HasPrefix(kv, "TERM=") }); i < 0 || environ[i] == "TERM=dumb" {
		return nil
	}
	return ui.Terminal{In: os.Stdin, Out: os.Stderr, Environ: environ}
}

// sized tells whether a terminal has room for anything: serial lines and some
// containers' say that they have none.
func sized(f *os.File) bool {
	wide, high, err := term.GetSize(int(f.Fd())) //nolint:gosec // a descriptor fits
	return err == nil && wide > 0 && high > 0
}

// pickDestination asks where to; "" when nobody can be asked or there is
// nothing to choose from.
func (a *app) pickDestination(parent context.Context, args []string) (string, error) {
	list := a.destinations(args)
	if a.asker == nil || a.asKamal || len(list) == 0 {
		return "", nil
	}
	ctx, _, stop := a.interrupts(parent)
	defer stop()
	q := ui.Question{Title: "Which destination?"}
	for _, d := range list {
		q.Options = append(q.Options, ui.Option{Value: d})
	}
	return a.asker.Choose(ctx, q)
}

// The boxes of the menu.
const (
	boxWorker    = "worker"
	boxRedirects = "redirects"
	boxPurge     = "purge"
	boxNoPurge   = "nopurge"
)

// menu offers what the flags can ask for and the configuration knows; what was
// asked for by flags is ticked. Without a terminal, or with -y, flags alone count.
func (a *app) menu(ctx context.Context, f *flowFlags, cfg *config.Config) error {
	edge := cfg.Extension.Edge
	if a.asker == nil || f.yes || f.nonInteractive || f.output == "json" || f.output == "github" || edge == nil {
		return nil
	}
	q := ui.Question{Title: "What else?", Detail: "space ticks, Enter goes on"}
	add := func(offered bool, value, label string, ticked bool) {
		if offered {
			q.Options = append(q.Options, ui.Option{Value: value, Label: label, Selected: ticked})
		}
	}
	add(edge.Worker != "", boxWorker, "deploy the edge worker", f.extras.Worker)
	add(edge.Redirects != nil, boxRedirects, "upload the bulk redirects", f.extras.Redirects)
	add(edge.Purge != "everything", boxPurge, "purge the whole zone", f.extras.Everything)
	add(true, boxNoPurge, "purge nothing, not even what is queued", f.extras.NoPurge)
	a.hush()
	ticked, err := a.asker.ChooseMany(ctx, q)
	if err != nil {
		return err
	}
	x := &f.extras
	x.Worker, x.Redirects = slices.Contains(ticked, boxWorker), slices.Contains(ticked, boxRedirects)
	x.Everything, x.NoPurge = slices.Contains(ticked, boxPurge), slices.Contains(ticked, boxNoPurge)
	if x.Everything && x.NoPurge {
		return usage("purge the whole zone and purge nothing exclude each other")
	}
	return nil
}

// fits refuses flags for what is not configured.
func (f *flowFlags) fits(cfg *config.Config) error {
	edge := cfg.Extension.Edge
	switch {
	case f.extras.Worker && (edge == nil || edge.Worker == ""):
		return usage("--deploy-edge-worker: x-hwdeploy/edge/worker is not configured")
	case f.extras.Redirects && (edge == nil || edge.Redirects == nil):
		return usage("--upload-bulk-redirects: x-hwdeploy/edge/redirects is not configured")
	case f.extras.Everything && edge == nil:
		return usage("--purge-full: x-hwdeploy/edge is not configured")
	}
	return nil
}
