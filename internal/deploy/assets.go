package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// Assets are hashed files that go from images into a bucket.
type Assets struct {
	// Open gives the bucket; asked for when it is needed, since it takes secrets.
	Open  func(ctx context.Context) (*assets.Bucket, error)
	Owner string // service and destination
	Now   func() time.Time
}

// sync sends what the bucket lacks of an image on a host, and says what it did.
// full trusts no manifest.
func (a *Assets) sync(ctx context.Context, h Host, image string, full bool, progress func(string)) (string, error) {
	var r assets.Result
	err := a.with(ctx, h, image, func(b *assets.Bucket, src assets.Source) (err error) {
		r, err = b.Sync(ctx, src, assets.SyncOptions{Name: image, Full: full, Warn: progress, Progress: byTenths(progress)})
		return err
	})
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

func (a *Assets) with(ctx context.Context, h Host, image string, use func(*assets.Bucket, assets.Source) error) error {
	b, err := a.Open(ctx)
	if err != nil {
		return err
	}
	src := &imageSource{host: h, image: image, owner: a.Owner, listed: map[string]listing{}}
	err = use(b, src)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return errors.Join(err, src.Close(ctx, a.Now()))
}

// SyncAssets sends what the bucket lacks of a version ("" = the one that serves),
// read from its image on the primary host. full trusts no manifest.
func (e *Engine) SyncAssets(ctx context.Context, version string, full bool) error {
	h, image, err := e.assetImage(ctx, version)
	if err != nil {
		return err
	}
	return e.copyAssets(ctx, h, image, full)
}

func (e *Engine) copyAssets(ctx context.Context, h Host, image string, full bool) error {
	title := "sync hashed assets to " + e.Config.Extension.Assets.Bucket
	return e.talk(ctx, "assets", title, func(ctx context.Context, progress func(string)) (string, error) {
		return e.Assets.sync(ctx, h, image, full, progress)
	})
}

// VerifyAssets compares a version's files with the bucket.
func (e *Engine) VerifyAssets(ctx context.Context, version string) (r assets.Report, err error) {
	err = e.withAssets(ctx, version, func(b *assets.Bucket, src assets.Source) (err error) {
		r, err = b.Verify(ctx, src)
		return err
	})
	return r, err
}

// ListAssets gives what a version has for the bucket, which is not asked.
func (e *Engine) ListAssets(ctx context.Context, version string) (f assets.Found, err error) {
	err = e.withAssets(ctx, version, func(b *assets.Bucket, src assets.Source) (err error) {
		f, err = b.Files(ctx, src)
		return err
	})
	return f, err
}

func (e *Engine) withAssets(ctx context.Context, version string, use func(*assets.Bucket, assets.Source) error) error {
	h, image, err := e.assetImage(ctx, version)
	if err != nil {
		return err
	}
	return e.Assets.with(ctx, h, image, use)
}

// assetImage gives the primary host and the image of a version there.
func (e *Engine) assetImage(ctx context.Context, version string) (Host, string, error) {
	primary := e.Selection.PrimaryHost
	if version == "" {
		observed, err := e.look(ctx)
		if err != nil {
			return nil, "", err
		}
		version, _ = plan.Serving(e.Config, e.role(e.Config.PrimaryRole), observed.Host(primary))
		if version == "" {
			return nil, "", &NoVersionError{Version: "that serves", Missing: []string{primary}}
		}
	}
	if err := e.connect(ctx, []string{primary}); err != nil {
		return nil, "", err
	}
	h, err := e.host(primary)
	return h, e.image(version), err
}

// byTenths tells how far a copy is, ten times at most.
func byTenths(say func(string)) func(done, files int) {
	told := 0
	return func(done, files int) {
		if tenth := done * 10 / files; files >= 100 && tenth > told {
			told = tenth
			say(fmt.Sprintf("%d of %d files", done, files))
		}
	}
}

// NoImageError is an image that a host does not have.
type NoImageError struct{ Image, Host string }

func (e *NoImageError) Error() string {
	return fmt.Sprintf("%s does not have the image %s", e.Host, e.Image)
}

// ExitCode is 1.
func (e *NoImageError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *NoImageError) Hints() []string {
	return []string{"`hwdeploy app versions` lists what is there; choose one with --version"}
}
