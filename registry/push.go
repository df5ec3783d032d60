package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// Blob is a layer or configuration that somebody else holds.
type Blob struct {
	Digest    string // "sha256:…" of the bytes that Open gives
	Size      int64
	MediaType string
	// Open may be called again after a failure. The stream must give exactly Size
	// bytes; an error in it ends the upload.
	Open func(context.Context) (io.ReadCloser, error)
}

// Manifest is the text of a manifest or index.
type Manifest struct {
	MediaType string
	Data      []byte
}

// Content is an image as it is to be pushed: the blobs, then the manifests,
// those of platforms before the index that names them. The last one gets the
// tags.
type Content struct {
	Blobs     []Blob
	Manifests []Manifest
}

// Progress is the state of one blob on its way. It goes back to 0 when a broken
// upload begins again.
type Progress struct {
	Digest         string
	Current, Total int64 // bytes
	Exists         bool  // the registry has it: nothing moves
}

// Missing tells which blobs a repository lacks, each digest once.
func (c *Client) Missing(ctx context.Context, repo string, blobs []Blob) ([]Blob, error) {
	r, err := c.repository(repo)
	if err != nil {
		return nil, err
	}
	op := "ask " + c.Server() + " what it lacks of " + r.Name()
	blobs = unique(blobs)
	lacks := make([]bool, len(blobs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(c.jobs())
	for i, b := range blobs {
		g.Go(func() error {
			ok, err := c.has(gctx, r, b.Digest)
			lacks[i] = !ok
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, c.fail(ctx, op, err)
	}
	var list []Blob
	for i, b := range blobs {
		if lacks[i] {
			list = append(list, b)
		}
	}
	return list, nil
}

func (c *Client) has(ctx context.Context, r name.Repository, digest string) (bool, error) {
	l, err := c.puller.Layer(ctx, r.Digest(digest))
	if err != nil {
		return false, err
	}
	ok, err := partial.Exists(l)
	return ok, err
}

func unique(blobs []Blob) []Blob {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(blobs), func(b Blob) bool {
		dup := seen[b.Digest]
		seen[b.Digest] = true
		return dup
	})
}

// Push sends an image: the blobs that the registry lacks, at most Jobs at once,
// then the manifests, then the tags. It gives the digest of the last manifest.
// progress may be nil; it is never called twice at the same time.
func (c *Client) Push(ctx context.Context, repo string, content Content, tags []string, progress func(Progress)) (string, error) {
	r, err := c.repository(repo)
	if err != nil {
		return "", err
	}
	op := "push to " + r.Name()
	if len(content.Manifests) == 0 {
		return "", errors.New(op + ": no manifest given")
	}
	if err := c.upload(ctx, r, content.Blobs, serial(progress)); err != nil {
		return "", c.fail(ctx, op, err)
	}
	digest, err := c.manifests(ctx, r, content.Manifests, tags)
	return digest, c.fail(ctx, op, err)
}

func (c *Client) upload(ctx context.Context, r name.Repository, blobs []Blob, progress func(Progress)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.jobs())
	for _, b := range unique(blobs) {
		l, err := newLayer(ctx, b, progress)
		if err != nil {
			return errors.Join(err, g.Wait())
		}
		g.Go(func() error {
			if err := c.pusher.Upload(ctx, r, l); err != nil {
				return l.blame(err)
			}
			if !l.opened() {
				progress(Progress{Digest: b.Digest, Total: b.Size, Exists: true})
			}
			return nil
		})
	}
	return g.Wait()
}

func (c *Client) manifests(ctx context.Context, r name.Repository, list []Manifest, tags []string) (string, error) {
	var digest string
	for i, m := range list {
		h, _, err := v1.SHA256(bytes.NewReader(m.Data))
		if err != nil {
			return "", err
		}
		digest = h.String()
		if i == len(list)-1 && len(tags) > 0 {
			break // the tags put it
		}
		if err := c.pusher.Put(ctx, r.Digest(digest), raw{m}); err != nil {
			return "", fmt.Errorf("manifest %s: %w", digest, err)
		}
	}
	last := raw{list[len(list)-1]}
	for _, t := range tags {
		if err := c.pusher.Put(ctx, r.Tag(t), last); err != nil {
			return "", fmt.Errorf("tag %s: %w", t, err)
		}
	}
	return digest, nil
}

// Tag gives what a digest (or tag) stands for more tags in its repository.
// The tags are put one after another, in the order given.
func (c *Client) Tag(ctx context.Context, ref string, tags ...string) error {
	r, err := c.reference(ref)
	if err != nil {
		return err
	}
	d, err := c.puller.Get(ctx, r)
	if err != nil {
		return c.fail(ctx, "tag "+ref, err)
	}
	for _, t := range tags {
		if err := c.pusher.Put(ctx, r.Context().Tag(t), raw{Manifest{MediaType: string(d.MediaType), Data: d.Manifest}}); err != nil {
			return c.fail(ctx, "tag "+ref+" as "+t, err)
		}
	}
	return nil
}

// raw is a manifest as the library's Taggable.
type raw struct{ m Manifest }

// RawManifest gives the bytes.
func (r raw) RawManifest() ([]byte, error) { return r.m.Data, nil }

// MediaType gives the type.
func (r raw) MediaType() (types.MediaType, error) { return types.MediaType(r.m.MediaType), nil }

// serial makes a callback safe for many goroutines.
func serial(f func(Progress)) func(Progress) {
	if f == nil {
		return func(Progress) {}
	}
	var mu sync.Mutex
	return func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		f(p)
	}
}
