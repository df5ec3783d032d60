package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/edge"
	"github.com/warmlyyours/hwdeploy/edge/bundle"
	"github.com/warmlyyours/hwdeploy/edge/mistake"
	"github.com/warmlyyours/hwdeploy/edge/wrangler"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// edgeSteps are x-hwdeploy's edge as steps. Each reads its files when it is
// asked; the client is made, and its token looked up, at the first question.
type edgeSteps struct {
	world   *world
	cfg     *config.Config
	secrets secrets

	once   sync.Once
	client *edge.Client
	err    error
}

// edge is nil where none is configured.
func (w *world) edge(cfg *config.Config, s secrets) deploy.Edge {
	if cfg.Extension.Edge == nil {
		return nil
	}
	return &edgeSteps{world: w, cfg: cfg, secrets: s}
}

func (s *edgeSteps) open(ctx context.Context) (*edge.Client, error) {
	s.once.Do(func() {
		token, err := s.secrets.Lookup(ctx, s.cfg.Extension.Edge.Token)
		if err != nil {
			s.err = fmt.Errorf("x-hwdeploy/edge/token: %w", err)
			return
		}
		s.world.Redactor.Add(token.Reveal())
		at := s.world.env("CLOUDFLARE_BASE_URL")
		s.client, err = edge.New(edge.Options{Token: token, BaseURL: at, UserAgent: "hwdeploy/" + version()})
		if err != nil && at != "" {
			err = &edgeError{"CLOUDFLARE_BASE_URL: " + err.Error()}
		}
		s.err = err
	})
	return s.client, s.err
}

// edgeError is a part of the edge that is asked for and not configured.
type edgeError struct{ text string }

func (e *edgeError) Error() string { return e.text }
func (e *edgeError) ExitCode() int { return 3 }

func (s *edgeSteps) lacks(key, account string) error {
	text := "x-hwdeploy/edge/" + key + " is not set"
	if s.cfg.Destination != "" {
		text += " for " + s.cfg.Destination
	}
	return &edgeError{text + account}
}

// Check reads what the steps will read, and builds the worker: all that can be
// known without a word to Cloudflare.
func (s *edgeSteps) Check(ctx context.Context, x deploy.Extras) error {
	if x.Worker {
		if _, err := s.worker(); err != nil {
			return err
		}
	}
	if x.Redirects {
		if _, err := s.redirects(); err != nil {
			return err
		}
	}
	if x.NoPurge && !x.Worker && !x.Redirects {
		return nil // then no token is needed
	}
	_, err := s.open(ctx)
	return err
}

// worker reads the worker's configuration and bundles it.
func (s *edgeSteps) worker() (edge.Worker, error) {
	w, err := s.workerConfig()
	if err != nil {
		return edge.Worker{}, err
	}
	script, err := bundle.Build(w)
	return edge.Worker{Worker: w, Script: script, Zone: s.cfg.Extension.Edge.Zone}, err
}

// workerConfig reads the environment of the destination's name, with its account.
func (s *edgeSteps) workerConfig() (*wrangler.Worker, error) {
	e := s.cfg.Extension.Edge
	if e.Worker == "" {
		return nil, s.lacks("worker", "")
	}
	file := s.world.path(e.Worker)
	text, err := os.ReadFile(file) //nolint:gosec // the project's own
	if err != nil {
		return nil, mistake.List{{File: e.Worker, Text: bareFile(err)}}
	}
	base := s.cfg.Extension.BaseDestination
	name := s.cfg.Destination
	if name == "" {
		name = base
	}
	w, err := wrangler.Parse(e.Worker, text, wrangler.Environment{Name: name, Base: name == base})
	if err != nil {
		return nil, err
	}
	w.Dir = filepath.Dir(file)
	if w.Account = s.account(w.Account); w.Account == "" {
		return nil, s.lacks("redirects/account", fmt.Sprintf(", and neither %s nor CLOUDFLARE_ACCOUNT_ID names the account", e.Worker))
	}
	return w, nil
}

// bareFile is the reason without the path.
func bareFile(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// account is the worker's own, the environment's (as wrangler has it), or that
// of the redirects.
func (s *edgeSteps) account(own string) string {
	if own == "" {
		own = s.world.env("CLOUDFLARE_ACCOUNT_ID")
	}
	if r := s.cfg.Extension.Edge.Redirects; own == "" && r != nil {
		own = r.Account
	}
	return own
}

func (s *edgeSteps) redirects() (edge.Redirects, error) {
	r := s.cfg.Extension.Edge.Redirects
	if r == nil {
		return edge.Redirects{}, s.lacks("redirects", "")
	}
	list, err := edge.ReadRedirects(os.DirFS(s.world.Dir), r.Files)
	return edge.Redirects{Account: r.Account, List: r.List, Wanted: list}, err
}

func (s *edgeSteps) queue() edge.Queue {
	e := s.cfg.Extension.Edge
	path := e.PurgeQueue
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.world.Start, path)
	}
	return edge.Queue{Path: path, Zone: e.Zone}
}
