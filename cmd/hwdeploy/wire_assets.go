package main

import (
	"context"
	"fmt"
	"time"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/deploy"
)

// assets are the assets of a configuration that has them.
func (w *world) assets(cfg *config.Config, box secrets) *deploy.Assets {
	owner := cfg.Service
	if cfg.Destination != "" {
		owner += "-" + cfg.Destination
	}
	return &deploy.Assets{
		Owner: owner, Now: time.Now,
		Open: func(ctx context.Context) (*assets.Bucket, error) {
			return w.bucket(ctx, cfg.Extension.Assets, box, cfg.Extension.Assets.Paths)
		},
	}
}

// bucket is the configured one, for files that lie in these folders.
func (w *world) bucket(ctx context.Context, a *config.Assets, box secrets, folders []string) (*assets.Bucket, error) {
	key, err := box.Lookup(ctx, a.AccessKey)
	if err != nil {
		return nil, fmt.Errorf("x-hwdeploy/assets/access_key: %w", err)
	}
	value, err := box.Lookup(ctx, a.SecretKey)
	if err != nil {
		return nil, fmt.Errorf("x-hwdeploy/assets/secret_key: %w", err)
	}
	w.Redactor.Add(key.Reveal())
	w.Redactor.Add(value.Reveal())
	return assets.New(assets.Options{
		Endpoint: a.Endpoint, Bucket: a.Bucket, Prefix: a.Prefix, AccessKey: key, SecretKey: value, Paths: folders, Exclude: a.Exclude,
	})
}
