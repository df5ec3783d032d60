package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/edge"
)

// Worker implements deploy.Edge.
func (s *edgeSteps) Worker(ctx context.Context, progress func(string)) (string, error) {
	w, p, c, err := s.planWorker(ctx)
	for _, text := range w.Script.Warnings {
		progress("warning: " + text)
	}
	if err != nil || p.Empty() {
		return p.String(), err
	}
	_, err = c.DeployWorker(ctx, w, p, progress)
	return p.String(), err
}

func (s *edgeSteps) planWorker(ctx context.Context) (w edge.Worker, p edge.WorkerPlan, c *edge.Client, err error) {
	if w, err = s.worker(); err != nil {
		return w, p, nil, err
	}
	if c, err = s.open(ctx); err != nil {
		return w, p, nil, err
	}
	p, err = c.PlanWorker(ctx, w)
	return w, p, c, err
}

// Redirects implements deploy.Edge.
func (s *edgeSteps) Redirects(ctx context.Context, progress func(string)) (string, error) {
	r, p, c, err := s.planRedirects(ctx)
	if err != nil || p.Empty() {
		return p.String(), err
	}
	return p.String(), c.UploadRedirects(ctx, r, p, progress)
}

func (s *edgeSteps) planRedirects(ctx context.Context) (r edge.Redirects, p edge.RedirectPlan, c *edge.Client, err error) {
	if r, err = s.redirects(); err != nil {
		return r, p, nil, err
	}
	if c, err = s.open(ctx); err != nil {
		return r, p, nil, err
	}
	p, err = c.PlanRedirects(ctx, r)
	return r, p, c, err
}

// Purge implements deploy.Edge: everything or nothing, and the queue.
func (s *edgeSteps) Purge(ctx context.Context, everything bool, progress func(string)) (string, error) {
	q := s.queue()
	urls, err := q.Pending()
	if err != nil {
		return "", err
	}
	if !everything && !q.Waits() {
		return purged(false, 0), nil
	}
	c, err := s.open(ctx)
	if err != nil {
		return "", err
	}
	if everything {
		if err := c.PurgeEverything(ctx, q.Zone); err != nil {
			return "", err
		}
	}
	n, err := c.PurgeQueue(ctx, q, func(done, _ int) {
		if len(urls) > done {
			progress(fmt.Sprintf("%d of %d URLs", done, len(urls)))
		}
	})
	return purged(everything, n), err
}

func purged(everything bool, urls int) string {
	var did []string
	if everything {
		did = append(did, "the whole zone")
	}
	if urls > 0 {
		did = append(did, fmt.Sprintf("%d URLs of the queue", urls))
	}
	if len(did) == 0 {
		return "nothing to purge"
	}
	return "purged " + strings.Join(did, ", ")
}
