package registry

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// Resolve gives the digest ("sha256:…") of the manifest or index that a tag or
// digest stands for. IsNotFound: nothing.
func (c *Client) Resolve(ctx context.Context, ref string) (string, error) {
	r, err := c.reference(ref)
	if err != nil {
		return "", err
	}
	d, err := c.puller.Head(ctx, r)
	if err == nil {
		return d.Digest.String(), nil
	}
	err = c.fail(ctx, "resolve "+ref, err)
	// Proxies in front of registries drop headers of a HEAD, or refuse it.
	if kind(err) != KindOther {
		return "", err
	}
	got, err := c.puller.Get(ctx, r)
	if err != nil {
		return "", c.fail(ctx, "resolve "+ref, err)
	}
	return got.Digest.String(), nil
}

// Digest is Resolve for who only wants that; "" when there is no such image.
func (c *Client) Digest(ctx context.Context, ref string) (string, error) {
	digest, err := c.Resolve(ctx, ref)
	if IsNotFound(err) {
		return "", nil
	}
	return digest, err
}

// Image is one platform of an image.
type Image struct {
	Platform string // "linux/amd64", "linux/arm64/v8"; as the index or configuration says
	Labels   map[string]string
}

// Images reads the configuration of each platform of an image. Attestations are
// left out.
func (c *Client) Images(ctx context.Context, ref string) ([]Image, error) {
	r, err := c.reference(ref)
	if err != nil {
		return nil, err
	}
	list, err := c.images(ctx, r)
	return list, c.fail(ctx, "look at "+ref, err)
}

func (c *Client) images(ctx context.Context, r name.Reference) ([]Image, error) {
	d, err := c.puller.Get(ctx, r)
	if err != nil {
		return nil, err
	}
	if !d.MediaType.IsIndex() {
		img, err := d.Image()
		if err != nil {
			return nil, err
		}
		one, err := describe(img)
		return []Image{one}, err
	}
	index, err := d.ImageIndex()
	if err != nil {
		return nil, err
	}
	m, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	return c.children(index, real(m.Manifests))
}

func (c *Client) children(index v1.ImageIndex, wanted []v1.Descriptor) ([]Image, error) {
	list := make([]Image, len(wanted))
	var g errgroup.Group
	g.SetLimit(c.jobs())
	for i, d := range wanted {
		g.Go(func() error {
			img, err := index.Image(d.Digest)
			if err != nil {
				return err
			}
			list[i], err = describe(img)
			return err
		})
	}
	return list, g.Wait()
}

// real leaves out what is no image to run: BuildKit's attestations call their
// platform unknown.
func real(all []v1.Descriptor) []v1.Descriptor {
	var list []v1.Descriptor
	for _, d := range all {
		if d.MediaType.IsImage() && (d.Platform == nil || d.Platform.OS != "unknown") {
			list = append(list, d)
		}
	}
	return list
}

func describe(img v1.Image) (Image, error) {
	cfg, err := img.ConfigFile()
	if err != nil {
		return Image{}, err
	}
	p := v1.Platform{OS: cfg.OS, Architecture: cfg.Architecture, Variant: cfg.Variant}
	return Image{Platform: p.String(), Labels: cfg.Config.Labels}, nil
}

// LabelError is an image that was not built for this service.
type LabelError struct {
	Image    string
	Platform string
	Want     string
	Got      string // "" = no such label
}

func (e *LabelError) Error() string {
	text := fmt.Sprintf("Image %s is missing the 'service' label", e.Image)
	if e.Got != "" {
		text += fmt.Sprintf(" %q (it says %q)", e.Want, e.Got)
	}
	return text
}

// CheckService makes sure that every platform of an image carries the label
// service=<service>, without which hosts would refuse it. Errors: *LabelError.
func (c *Client) CheckService(ctx context.Context, ref, service string) ([]Image, error) {
	list, err := c.Images(ctx, ref)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 { // an index of attestations alone
		return nil, &LabelError{Image: ref, Want: service}
	}
	for _, img := range list {
		if got := img.Labels["service"]; got != service {
			return list, &LabelError{Image: ref, Platform: img.Platform, Want: service, Got: got}
		}
	}
	return list, nil
}
