package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layer is a Blob as the library's v1.Layer.
type layer struct {
	ctx      context.Context // the library's interface has no place for it
	blob     Blob
	hash     v1.Hash
	progress func(Progress)

	mu    sync.Mutex
	opens int
	err   error // of the last stream: the source's, not the registry's
}

func newLayer(ctx context.Context, b Blob, progress func(Progress)) (*layer, error) {
	h, err := v1.NewHash(b.Digest)
	if err != nil {
		return nil, fmt.Errorf("blob %q: %w", b.Digest, err)
	}
	return &layer{ctx: ctx, blob: b, hash: h, progress: progress}, nil
}

// Digest implements v1.Layer.
func (l *layer) Digest() (v1.Hash, error) { return l.hash, nil }

// DiffID implements v1.Layer; an upload never asks.
func (l *layer) DiffID() (v1.Hash, error) { return v1.Hash{}, errors.ErrUnsupported }

// Uncompressed implements v1.Layer; an upload never asks.
func (l *layer) Uncompressed() (io.ReadCloser, error) { return nil, errors.ErrUnsupported }

// Size implements v1.Layer.
func (l *layer) Size() (int64, error) { return l.blob.Size, nil }

// MediaType implements v1.Layer.
func (l *layer) MediaType() (types.MediaType, error) { return types.MediaType(l.blob.MediaType), nil }

// Compressed opens the source. The library calls it once the registry has said
// that it lacks the blob, and again for a new try.
func (l *layer) Compressed() (io.ReadCloser, error) {
	r, err := l.blob.Open(l.ctx)
	l.mu.Lock()
	l.opens++
	l.err = err
	l.mu.Unlock()
	if err != nil {
		return nil, err
	}
	l.progress(Progress{Digest: l.blob.Digest, Total: l.blob.Size})
	return &counted{ReadCloser: r, layer: l}, nil
}

func (l *layer) opened() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opens > 0
}

// SourceError is a blob that could not be read where it is.
type SourceError struct {
	Digest string
	Err    error
}

func (e *SourceError) Error() string { return "read blob " + e.Digest + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// blame tells a failing source from a failing registry.
func (l *layer) blame(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return &SourceError{Digest: l.blob.Digest, Err: l.err}
	}
	return err
}

type counted struct {
	io.ReadCloser
	layer  *layer
	n      int64
	closed bool // under layer.mu
}

// Close ends the stream. A registry that refuses the blob halfway has it closed
// while it is read, by HTTP/2: what the source says then is no failure of its own.
func (c *counted) Close() error {
	c.layer.mu.Lock()
	c.closed = true
	c.layer.mu.Unlock()
	return c.ReadCloser.Close()
}

// Read counts, and remembers what the source says.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	if errors.Is(err, io.EOF) && c.n < c.layer.blob.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.fail(err)
	}
	if n > 0 {
		c.layer.progress(Progress{Digest: c.layer.blob.Digest, Current: c.n, Total: c.layer.blob.Size})
	}
	return n, err
}

func (c *counted) fail(err error) {
	c.layer.mu.Lock()
	defer c.layer.mu.Unlock()
	if !c.closed {
		c.layer.err = err
	}
}
