package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/warmlyyours/hwdeploy/lab/packs"
)

// AppImage describes an image of the sample application that is put together
// without a build, for tests in which the build does not matter.
type AppImage struct {
	Version string
	Service string            // value of the label "service"; "" = no such label
	Env     map[string]string // faults, for example {"UNHEALTHY": "1"}
	Labels  map[string]string
	Cmd     []string          // nil = bin/rails server
	Assets  map[string]string // sources by name; nil = one script that names the version
	Message string
}

// PushApp writes the image to the registry under "repository:tag" and gives its
// manifest digest.
func (l *Lab) PushApp(ctx context.Context, image string, a AppImage) (string, error) {
	img, err := l.appImage(a)
	if err != nil {
		return "", fmt.Errorf("make %s: %w", image, err)
	}
	if err := l.Registry.Push(ctx, image, img); err != nil {
		return "", err
	}
	digest, err := img.Digest()
	return digest.String(), err
}

func (l *Lab) appImage(a AppImage) (v1.Image, error) {
	base, err := l.baseLayer()
	if err != nil {
		return nil, err
	}
	entries, err := a.files()
	if err != nil {
		return nil, err
	}
	packed, err := pack(entries...)
	if err != nil {
		return nil, err
	}
	top, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil })
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(empty.Image, base, top)
	if err != nil {
		return nil, err
	}
	c, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Config = "linux", runtime.GOARCH, a.config()
	return mutate.ConfigFile(img, c)
}

// baseLayer is packed once for all images.
func (l *Lab) baseLayer() (v1.Layer, error) {
	l.baseOnce.Do(func() { l.base, l.baseErr = tarball.LayerFromFile(l.RootfsTar, tarball.WithCompressedCaching) })
	return l.base, l.baseErr
}

func (a AppImage) files() ([]entry, error) {
	sources := map[string][]byte{"application.js": []byte("// " + a.Version + "\n")}
	if a.Assets != nil {
		sources = map[string][]byte{}
	}
	for name, text := range a.Assets {
		sources[name] = []byte(text)
	}
	compiled, err := packs.Compile(sources)
	if err != nil {
		return nil, err
	}
	message := a.Message
	if message == "" {
		message = "Hello from the lab."
	}
	entries := []entry{
		{name: "rails/REVISION", data: []byte(a.Version + "\n"), mode: 0o644},
		{name: "rails/app/", mode: 0o755}, {name: "rails/app/message.txt", data: []byte(message + "\n"), mode: 0o644},
		{name: "rails/public/packs/", mode: 0o755},
	}
	for _, name := range slices.Sorted(maps.Keys(compiled)) {
		entries = append(entries, entry{name: "rails/public/packs/" + name, data: compiled[name], mode: 0o644})
	}
	return entries, nil
}

func (a AppImage) config() v1.Config {
	c := v1.Config{
		Cmd: a.Cmd, WorkingDir: "/rails", Labels: maps.Clone(a.Labels), ExposedPorts: map[string]struct{}{"80/tcp": {}},
		Env: []string{"PATH=/rails/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "RAILS_ENV=production", "APP_REVISION=" + a.Version},
	}
	if c.Cmd == nil {
		c.Cmd = []string{"bin/rails", "server"}
	}
	if a.Service != "" {
		if c.Labels == nil {
			c.Labels = map[string]string{}
		}
		c.Labels["service"] = a.Service
	}
	for _, name := range slices.Sorted(maps.Keys(a.Env)) {
		c.Env = append(c.Env, name+"="+a.Env[name])
	}
	return c
}
