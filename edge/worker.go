package edge

import (
	"context"
	"errors"
	"fmt"

	"github.com/warmlyyours/hwdeploy/edge/bundle"
	"github.com/warmlyyours/hwdeploy/edge/wrangler"
)

const (
	scriptRights = "Account › Workers Scripts › Edit"
	routeRights  = "Zone › Workers Routes › Edit"
)

// Worker is a script to be deployed, with where it answers.
type Worker struct {
	*wrangler.Worker
	Script bundle.Script
	Zone   string // of routes that name none
}

// WorkerPlan is what differs from what is live.
type WorkerPlan struct {
	// Upload: the script or its settings differ. First: there is no such script.
	Upload, First bool
	Routes        []wrangler.Route // that are missing
	Subdomain     bool             // the address below workers.dev differs
	Crons         bool
	Live          string // version that is live; "" = none

	tag  string
	name string
}

// Empty tells that everything is as it should be.
func (p WorkerPlan) Empty() bool { return !p.Upload && len(p.Routes) == 0 && !p.Subdomain && !p.Crons }

// String sums the plan up.
func (p WorkerPlan) String() string {
	switch {
	case p.Empty():
		return "worker " + p.name + ": unchanged"
	case p.First:
		return "worker " + p.name + ": new"
	case p.Upload:
		return "worker " + p.name + ": a new version"
	}
	return "worker " + p.name + ": same version, other routes or triggers"
}

// PlanWorker compares with what is live, and changes nothing.
func (c *Client) PlanWorker(ctx context.Context, w Worker) (p WorkerPlan, err error) {
	p.name = w.Name
	if p.tag, err = tag(w.Worker, w.Script); err != nil {
		return p, err
	}
	s := c.script(w.Account, w.Name)
	live, err := s.live(ctx)
	switch {
	case isNoScript(err):
		p.First, p.Upload = true, true
	case err != nil:
		return p, err
	default:
		p.Live, p.Upload = live.id, live.tag != p.tag
	}
	if p.Routes, err = c.missingRoutes(ctx, w); err != nil {
		return p, err
	}
	if p.First { // nothing to compare with
		p.Subdomain, p.Crons = true, w.Crons != nil
		return p, nil
	}
	if p.Subdomain, err = s.otherSubdomain(ctx, w); err != nil {
		return p, err
	}
	p.Crons, err = s.otherCrons(ctx, w)
	return p, err
}

// DeployWorker does what the plan says, and gives the version that is live then.
// A script that is there gets a version and a deployment of it, so that
// RollBackWorker can go back; a new one is uploaded whole.
func (c *Client) DeployWorker(ctx context.Context, w Worker, p WorkerPlan, progress func(string)) (string, error) {
	s := c.script(w.Account, w.Name)
	version := p.Live
	if p.Upload {
		uploaded, err := s.upload(ctx, w, p)
		if err != nil {
			return p.Live, err
		}
		version = uploaded
		progress("version " + version + " is live: " + w.Script.Summary())
	}
	if p.Subdomain {
		if err := s.setSubdomain(ctx, w); err != nil {
			return version, err
		}
		progress(fmt.Sprintf("workers.dev: %t, addresses of versions: %t", w.WorkersDev, w.PreviewURLs))
	}
	if p.Crons {
		if err := s.setCrons(ctx, w.Crons); err != nil {
			return version, err
		}
		progress(fmt.Sprintf("cron triggers: %d", len(w.Crons)))
	}
	for _, r := range p.Routes {
		if err := c.addRoute(ctx, w, r); err != nil {
			return version, err
		}
		progress("route " + r.Pattern)
	}
	return version, nil
}

// ErrNoVersion is a rollback without anything to go back to.
var ErrNoVersion = errors.New("there is no earlier version of the worker to go back to")

// RollBackWorker makes an earlier version live; "" = the one before. It gives the
// version that is live then.
func (c *Client) RollBackWorker(ctx context.Context, account, name, version string) (string, error) {
	s := c.script(account, name)
	if version == "" {
		var err error
		if version, err = s.before(ctx); err != nil {
			return "", err
		}
	}
	return version, s.deploy(ctx, version, "hwdeploy: rollback")
}
