package build

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	contentapi "github.com/containerd/containerd/api/services/content/v1"
	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc/codes"
)

// maxManifest bounds the text of a manifest, as registries do.
const maxManifest = 4 << 20

// Image is a finished image as its builder holds it.
type Image struct {
	Blobs []Blob
	// Manifests are those of platforms before the index that names them; the last
	// one is the image.
	Manifests []Manifest
}

// Blob is a layer or configuration that the builder holds.
type Blob struct {
	Digest    string // "sha256:…"
	Size      int64  // bytes
	MediaType string
	// Open streams the bytes from the builder. Errors: *NoContentError,
	// *LostError.
	Open func(context.Context) (io.ReadCloser, error)
}

// Manifest is the text of a manifest or index.
type Manifest struct {
	Digest    string
	MediaType string
	Data      []byte
}

// NoContentError is a builder that does not hand out what it has built: it has
// no content service, or left a base layer where it was. Let it push instead.
type NoContentError struct {
	Host   string
	Digest string
	Err    error
}

func (e *NoContentError) Error() string {
	return fmt.Sprintf("the builder%s does not hand out %s: %v", at(e.Host), e.Digest, e.Err)
}

func (e *NoContentError) Unwrap() error { return e.Err }

// Content looks into the image with this digest (Result.Digest), which a daemon
// built without Output.Push. Only manifests are read; blobs move when opened.
// Ask right after the build: what nobody needs is collected some day.
func (b *Builder) Content(ctx context.Context, digest string) (Image, error) {
	var img Image
	if err := b.collect(ctx, digest, "", &img); err != nil {
		return Image{}, err
	}
	return img, nil
}

// descriptor and manifest are the parts of the OCI formats that matter here.
//
// Source: https://github.com/opencontainers/image-spec/blob/main/manifest.md
type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

type manifest struct {
	MediaType string       `json:"mediaType"`
	Config    *descriptor  `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"`
}

func (b *Builder) collect(ctx context.Context, digest, mediaType string, img *Image) error {
	data, err := b.text(ctx, digest)
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("manifest %s of the builder%s: %w", digest, at(b.host), err)
	}
	for _, child := range m.Manifests {
		if err := b.collect(ctx, child.Digest, child.MediaType, img); err != nil {
			return err
		}
	}
	if m.Config != nil {
		img.Blobs = append(img.Blobs, b.blob(*m.Config))
	}
	for _, l := range m.Layers {
		img.Blobs = append(img.Blobs, b.blob(l))
	}
	img.Manifests = append(img.Manifests, Manifest{Digest: digest, MediaType: cmp.Or(mediaType, m.MediaType), Data: data})
	return nil
}

func (b *Builder) blob(d descriptor) Blob {
	return Blob{
		Digest: d.Digest, Size: d.Size, MediaType: d.MediaType,
		Open: func(ctx context.Context) (io.ReadCloser, error) { return b.stream(ctx, d.Digest) },
	}
}

func (b *Builder) text(ctx context.Context, digest string) (_ []byte, err error) {
	r, err := b.stream(ctx, digest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	data, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err == nil && len(data) > maxManifest {
		err = fmt.Errorf("manifest %s of the builder%s is larger than 4 MiB", digest, at(b.host))
	}
	return data, err
}

// stream opens one blob. The first message is awaited, since a blob that is not
// there is told only then.
func (b *Builder) stream(ctx context.Context, digest string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{cancel: cancel, fail: func(err error) error { return b.unread(ctx, digest, err) }}
	rc, err := b.client.ContentClient().Read(ctx, &contentapi.ReadContentRequest{Digest: digest})
	if err == nil {
		s.recv = rc.Recv
		err = s.next()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.fail(err)
		cancel()
		return nil, err
	}
	return s, nil
}

func (b *Builder) unread(ctx context.Context, digest string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if dial := b.dialed.failure(); dial != nil {
		return &LostError{Host: b.host, Err: dial}
	}
	switch grpcerrors.Code(err) {
	case codes.NotFound, codes.Unimplemented:
		return &NoContentError{Host: b.host, Digest: digest, Err: err}
	case codes.Unavailable:
		return &LostError{Host: b.host, Err: err}
	}
	return fmt.Errorf("read %s from the builder%s: %w", digest, at(b.host), err)
}

// stream is the messages of one blob as a reader.
type stream struct {
	recv   func() (*contentapi.ReadContentResponse, error)
	cancel context.CancelFunc
	fail   func(error) error
	buf    bytes.Reader
}

func (s *stream) next() error {
	m, err := s.recv()
	if err != nil {
		return err
	}
	s.buf.Reset(m.Data)
	return nil
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for s.buf.Len() == 0 {
		if err := s.next(); errors.Is(err, io.EOF) {
			return 0, io.EOF
		} else if err != nil {
			return 0, s.fail(err)
		}
	}
	return s.buf.Read(p)
}

// Close ends the stream; gRPC keeps a goroutine for it until then.
func (s *stream) Close() error {
	s.cancel()
	return nil
}
