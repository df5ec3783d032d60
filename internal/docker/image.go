package docker

import (
	"context"
	"strings"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// Image is one line of the engine's image list.
type Image struct {
	ID      string   // "sha256:…" of its configuration
	Tags    []string // "repo:tag"; none for a dangling one or one pulled by digest
	Digests []string // "repo@sha256:…", once pushed or pulled
	Labels  map[string]string
}

// ImageListOptions say which images to list; all that is set must hold.
type ImageListOptions struct {
	References []string // "repo", "repo:tag", patterns with *; alternatives
	Labels     []string // "service=app"; all must hold
	Dangling   bool     // only those without a tag
}

// Images lists images.
func (c *Client) Images(ctx context.Context, o ImageListOptions) ([]Image, error) {
	var list []Image
	err := c.do(ctx, "list images", func(api *client.Client) error {
		f := filters.NewArgs()
		add(f, "reference", o.References)
		add(f, "label", o.Labels)
		if o.Dangling {
			f.Add("dangling", "true")
		}
		found, err := api.ImageList(ctx, image.ListOptions{Filters: f})
		for _, s := range found {
			list = append(list, Image{
				ID: s.ID, Tags: named(s.RepoTags), Digests: named(s.RepoDigests), Labels: s.Labels,
			})
		}
		return err
	})
	return list, err
}

// named drops the "<none>" that older engines put where there is no name.
func named(refs []string) []string {
	var list []string
	for _, r := range refs {
		if r != "<none>:<none>" && r != "<none>@<none>" {
			list = append(list, r)
		}
	}
	return list
}

// ImageDetails is what ImageInspect tells.
type ImageDetails struct {
	Image
	Layers []string // diff ids, lowest first; equal layers have equal ids
}

// ImageInspect tells about an image by reference, digest or id.
func (c *Client) ImageInspect(ctx context.Context, ref string) (ImageDetails, error) {
	var d ImageDetails
	err := c.do(ctx, "inspect image "+ref, func(api *client.Client) error {
		r, err := api.ImageInspect(ctx, ref)
		if err != nil {
			return err
		}
		d = ImageDetails{
			Image:  Image{ID: r.ID, Tags: named(r.RepoTags), Digests: named(r.RepoDigests)},
			Layers: r.RootFS.Layers,
		}
		if r.Config != nil {
			d.Labels = r.Config.Labels
		}
		return nil
	})
	return d, err
}

// Tag gives an image (by any reference or id) one more name, taking the name
// from the image that had it.
func (c *Client) Tag(ctx context.Context, source, target string) error {
	return c.do(ctx, "tag image "+source+" as "+target, func(api *client.Client) error {
		return api.ImageTag(ctx, source, target)
	})
}

// Removed is what a removal of images did.
type Removed struct {
	Untagged []string // "repo:tag", "repo@sha256:…"
	Deleted  []string // ids of images and layers that went
}

// RemoveImage takes one name from an image, and the image with its last name,
// as `docker rmi` does. IsConflict: a container needs the image, or ref is an
// id with several names.
func (c *Client) RemoveImage(ctx context.Context, ref string) (Removed, error) {
	var gone Removed
	err := c.do(ctx, "remove image "+ref, func(api *client.Client) error {
		list, err := api.ImageRemove(ctx, ref, image.RemoveOptions{PruneChildren: true})
		gone = removed(list)
		if err != nil && strings.Contains(err.Error(), "unrecognized image ID") {
			return nil // untagged here, and removed by another at the same moment
		}
		return err
	})
	return gone, err
}

func removed(list []image.DeleteResponse) Removed {
	var r Removed
	for _, d := range list {
		if d.Untagged != "" {
			r.Untagged = append(r.Untagged, d.Untagged)
		}
		if d.Deleted != "" {
			r.Deleted = append(r.Deleted, d.Deleted)
		}
	}
	return r
}

// PruneDangling removes the images without a name that carry all of these
// labels and that no container needs. No labels is an error.
func (c *Client) PruneDangling(ctx context.Context, labels ...string) (Removed, error) {
	var gone Removed
	err := c.do(ctx, "prune images", func(api *client.Client) error {
		if len(labels) == 0 {
			return errNoLabel
		}
		f := filters.NewArgs(filters.Arg("dangling", "true"))
		add(f, "label", labels)
		report, err := api.ImagesPrune(ctx, f)
		gone = removed(report.ImagesDeleted)
		return err
	})
	return gone, err
}
