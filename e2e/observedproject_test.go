package e2e

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/warmlyyours/hwdeploy/lab"
)

// The network of the recording. A lab has the same last octets in another one,
// so a text is carried over by exchanging the first three.
const recordedNet = "172.28.0."

func labNet() string { return strings.TrimSuffix(theLab.Subnet, "0/24") }

// toLab carries a recorded text over to the lab's network.
func toLab(text string) string { return strings.ReplaceAll(text, recordedNet, labNet()) }

// observedFile reads a file below testdata/observed.
func observedFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "observed", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// insecure is the only line that a recorded configuration needs: the lab's
// registry, like the recorded one, speaks plain HTTP. Kamal ignores the key.
const insecure = "\nx-hwdeploy: {insecure_registry: true}\n"

// beginObserved starts a scenario with recorded files. Its home folder holds the
// key at the place that the recorded configurations name.
func beginObserved(t *testing.T, files map[string]string, name, email string) *world {
	t.Helper()
	w := begin(t, lab.ProjectOptions{Files: files})
	home := w.home()
	key, err := os.ReadFile(theLab.Key)
	if err == nil {
		err = theLab.WriteHome(home)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(home, ".ssh", "id_ed25519"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"user.name": name, "user.email": email} {
		if out, err := exec.CommandContext(t.Context(), "git", "-C", w.dir, "config", key, value).CombinedOutput(); err != nil {
			t.Fatalf("git config %s: %v\n%s", key, err, out)
		}
	}
	return w
}

// home is the HOME of the scenario's runs.
func (w *world) home() string {
	for _, e := range w.env {
		if dir, ok := strings.CutPrefix(e, "HOME="); ok {
			return dir
		}
	}
	w.Fatal("no HOME")
	return ""
}

// pushObserved puts an image like the recorded ones into the registry: the same
// command, environment, label and assets around the lab's sample application.
func pushObserved(t *testing.T, repository, service, version string) {
	t.Helper()
	ref := repository + ":" + version
	if _, err := theLab.PushApp(t.Context(), ref, lab.AppImage{Version: version}); err != nil {
		t.Fatal(err)
	}
	img, err := observedImage(t.Context(), ref, service, version)
	if err == nil {
		err = theLab.Registry.Push(t.Context(), ref, img)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func observedImage(ctx context.Context, ref, service, version string) (v1.Image, error) {
	img, err := theLab.Registry.Image(ctx, ref)
	if err != nil {
		return nil, err
	}
	layer, err := assetLayer(map[string]string{"application-shared.css": "css {}\n", "application-" + version + ".js": "js " + version + "\n"})
	if err == nil {
		img, err = mutate.AppendLayers(img, layer)
	}
	if err != nil {
		return nil, err
	}
	c := v1.Config{Cmd: []string{"rails"}, Env: []string{"PATH=/rails/bin:/usr/bin:/bin"}, WorkingDir: "/rails"}
	if service != "" { // an accessory's image has neither
		c.Env, c.Labels = append(c.Env, "RAILS_ENV=production"), map[string]string{"service": service}
	}
	return mutate.Config(img, c)
}

// assetLayer is a layer with files in /rails/public/assets.
func assetLayer(files map[string]string) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "rails/public/assets/", Mode: 0o755})
	for name, text := range files {
		if err == nil {
			err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "rails/public/assets/" + name, Mode: 0o644, Size: int64(len(text))})
		}
		if err == nil {
			_, err = io.WriteString(w, text)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
}
