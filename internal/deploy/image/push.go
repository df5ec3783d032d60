package image

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/build"
	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/registry"
)

// pushHere is how many bytes x-hwdeploy.push: auto moves over this machine's
// link, once down and once up.
const pushHere = 64 << 20

// deliver builds and brings the image into the registry; only the engine's push
// gives it a name there.
func (j *job) deliver(ctx context.Context, machine Machine, b *build.Builder) (string, error) {
	if b.IsEngine() {
		return j.byEngine(ctx, machine, b)
	}
	how := j.Config.Extension.Push
	if how == "builder" && !j.Config.Registry.Local {
		return j.byBuilder(ctx, b)
	}
	res, err := b.Build(ctx, j.request)
	if err != nil {
		return "", err
	}
	j.built = true
	digest, err := j.fromHere(ctx, b, res.Digest, how != "here" && !j.Config.Registry.Local)
	var kept *build.NoContentError
	var big *tooBigError
	switch {
	case errors.As(err, &kept):
		j.say("push: by the builder, which does not hand out %s", kept.Digest)
	case errors.As(err, &big):
		j.say("push: by the builder, since %s are more than %s to move over this link (x-hwdeploy.push: here does it nevertheless)", bytes(big.size), bytes(pushHere))
	default:
		return digest, err
	}
	return j.byBuilder(ctx, b)
}

// tooBigError is more than this machine's link should carry.
type tooBigError struct{ size int64 }

func (e *tooBigError) Error() string { return bytes(e.size) + " to move" }

// fromHere reads from the builder what the registry lacks and pushes it.
func (j *job) fromHere(ctx context.Context, b *build.Builder, digest string, bounded bool) (string, error) {
	img, err := b.Content(ctx, digest)
	if err != nil {
		return "", err
	}
	repo := j.Config.Repository()
	all := blobs(img)
	missing, err := j.access.Client.Missing(ctx, repo, all)
	if err != nil {
		return "", err
	}
	var size int64
	for _, m := range missing {
		size += m.Size
	}
	if bounded && size > pushHere {
		return "", &tooBigError{size}
	}
	content := registry.Content{Blobs: missing}
	for _, m := range img.Manifests {
		content.Manifests = append(content.Manifests, registry.Manifest{MediaType: m.MediaType, Data: m.Data})
	}
	p := &pushed{emit: j.o.Emit, total: size, blobs: map[string]int64{}}
	pushed, err := j.access.Client.Push(ctx, repo, content, nil, p.blob)
	if err != nil {
		return "", err
	}
	j.say("push: %s in %d of %d blobs, the registry had the rest", bytes(size), len(missing), len(all))
	return pushed, nil
}

func blobs(img build.Image) []registry.Blob {
	var list []registry.Blob
	for _, b := range img.Blobs {
		list = append(list, registry.Blob{Digest: b.Digest, Size: b.Size, MediaType: b.MediaType, Open: b.Open})
	}
	return list
}

// byBuilder builds, which costs little when it was done before, and lets the
// builder push, without a name.
func (j *job) byBuilder(ctx context.Context, b *build.Builder) (string, error) {
	r := j.request
	r.NoCache = r.NoCache && !j.built // what is pushed was built without a moment ago
	r.Output.Push, r.Output.ByDigest, r.Output.Names = true, true, []string{j.Config.Repository()}
	res, err := b.Build(ctx, r)
	return res.Digest, err
}

// byEngine builds inside the engine, which then pushes REPO:V.
func (j *job) byEngine(ctx context.Context, machine Machine, b *build.Builder) (string, error) {
	if _, err := b.Build(ctx, j.request); err != nil {
		return "", err
	}
	auth, err := j.access.Client.EncodedAuth()
	if err != nil {
		return "", err
	}
	p := &pushed{emit: j.o.Emit, blobs: map[string]int64{}, totals: map[string]int64{}}
	out, err := machine.Docker.Push(ctx, j.request.Output.Names[0], docker.PushOptions{Auth: auth, Progress: p.layer})
	return out.Digest, err
}

// bytes is a size for people.
func bytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e3), ".0") + " kB"
	default:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0") + " MB"
	}
}
