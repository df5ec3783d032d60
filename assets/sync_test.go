package assets_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

const (
	script = "js/application-6b86b273ff34fce1.js"
	style  = "application-d4735e3a265e16ee.css"
)

// What is sent has its type and is kept for good; maps, manifests, dot files and
// what the configuration excludes stay in the image; names without a hash are
// kept briefly.
func TestSyncSendsAssetsOnly(t *testing.T) {
	w := begin(t, map[string]string{
		script: "js", style: "css", "robots.txt": "plain", script + ".map": "{}", script + ".map.gz": "z", "manifest.json": "{}",
		".sprockets-manifest-aaaa.json": "{}", ".vite/manifest.json": "{}", "docs/readme.md": "no",
	})
	w.options.Exclude = []string{"**/*.md"}
	r, asked := w.sync(assets.Dir{}, assets.SyncOptions{})
	if r.Files != 3 || r.Sent != 3 || r.Bytes != 10 || r.SentBytes != 10 {
		t.Errorf("%+v", r)
	}
	if n := asked.count("HEAD", ""); n != 0 {
		t.Errorf("%d HEADs", n)
	}
	for key, want := range map[string][3]string{
		"packs/" + script:  {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "js"},
		"packs/" + style:   {"text/css; charset=utf-8", "public, max-age=31536000, immutable", "css"},
		"packs/robots.txt": {"text/plain; charset=utf-8", "public, max-age=300", "plain"},
	} {
		o, text := w.object(key)
		if o == nil || *o.ContentType != want[0] || *o.CacheControl != want[1] || text != want[2] {
			t.Errorf("%s is not %v: %q", key, want, text)
		}
	}
	for _, q := range asked {
		if q.Method == "PUT" && q.Header.Get("Content-Length") == "" {
			t.Errorf("no length: %v", q.Header)
		}
	}
}

// The same files again cost one question and no write, and a LIST of each 1,000
// keys where no manifest vouches for them.
func TestNothingChangedCostsOneQuestion(t *testing.T) {
	w := begin(t, many(1001))
	r, asked := w.sync(assets.Dir{}, assets.SyncOptions{})
	if r.Sent != 1001 || asked.count("PUT", "/packs/") != 1001 {
		t.Errorf("first: %+v", r)
	}
	r, asked = w.sync(assets.Dir{}, assets.SyncOptions{})
	if !r.Unchanged || len(asked) != 1 || asked[0].Method != "GET" {
		t.Errorf("second: %+v, %d requests: %v", r, len(asked), asked)
	}
	w.write("js/new-0123456789abcdef.js", "new")
	r, asked = w.sync(assets.Dir{}, assets.SyncOptions{})
	if r.Sent != 1 || asked.count("GET", "list-type=2") != 2 || asked.count("HEAD", "") != 0 || asked.count("PUT", "/packs/") != 1 {
		t.Errorf("third: %+v, %v", r, asked)
	}
}

// A release with the layers of an earlier one is not even looked at; one with
// other layers and the same files lists nothing and sends only its own manifest.
func TestAReleaseIsKnownByItsLayers(t *testing.T) {
	w := begin(t, map[string]string{script: "js", style: "css"})
	src := layered{layers: []string{"sha256:aa", "sha256:bb"}}
	w.sync(src, assets.SyncOptions{Name: "shop:v1"})
	src.blind = t
	r, asked := w.sync(src, assets.SyncOptions{Name: "shop:v2"})
	if !r.Unchanged || r.Files != 2 || r.Bytes != 5 || len(asked) != 1 {
		t.Errorf("the same layers: %+v, %v", r, asked)
	}
	src = layered{layers: []string{"sha256:aa", "sha256:cc"}}
	r, asked = w.sync(src, assets.SyncOptions{Name: "shop:v3"})
	if !r.Unchanged || asked.count("GET", "list-type=2") != 0 || asked.count("PUT", "") != 1 {
		t.Errorf("other layers: %+v, %v", r, asked)
	}
	w.options.Exclude = []string{"**/*.css"} // another choice of files is another release
	r, _ = w.sync(layered{layers: []string{"sha256:aa", "sha256:bb"}}, assets.SyncOptions{})
	if r.Files != 1 {
		t.Errorf("another choice: %+v", r)
	}
}

// Content under a name without a hash is sent with each new release.
func TestNamesWithoutAHashAreSentAgain(t *testing.T) {
	w := begin(t, map[string]string{"logo.png": "old", script: "js"})
	w.sync(layered{layers: []string{"sha256:aa"}}, assets.SyncOptions{})
	w.write("logo.png", "new")
	r, _ := w.sync(layered{layers: []string{"sha256:bb"}}, assets.SyncOptions{})
	if _, text := w.object("packs/logo.png"); text != "new" || r.Sent != 1 {
		t.Errorf("%q, %+v", text, r)
	}
	r, asked := w.sync(layered{layers: []string{"sha256:bb"}}, assets.SyncOptions{})
	if !r.Unchanged || asked.count("PUT", "") != 0 {
		t.Errorf("the same release: %+v", r)
	}
	w.write("logo.png", "old") // a revert, whose layers the builder still has
	r, _ = w.sync(layered{layers: []string{"sha256:aa"}}, assets.SyncOptions{})
	if _, text := w.object("packs/logo.png"); text != "old" || r.Sent != 1 {
		t.Errorf("the first release again: %q, %+v", text, r)
	}
	if r, asked = w.sync(layered{layers: []string{"sha256:aa"}}, assets.SyncOptions{}); !r.Unchanged || asked.count("PUT", "") != 0 {
		t.Errorf("and again: %+v", r)
	}
}

// A folder may be a link, as what a build leaves often is; the links in it are
// not followed, and a file is no folder.
func TestAFolderThatIsALink(t *testing.T) {
	w := begin(t, map[string]string{script: "js"})
	link := filepath.Join(t.TempDir(), "public")
	if err := errors.Join(os.Symlink(w.dir, link), os.Symlink(script, filepath.Join(w.dir, "same.js"))); err != nil {
		t.Fatal(err)
	}
	w.options.Paths = []string{link}
	said := ""
	r, _ := w.sync(assets.Dir{}, assets.SyncOptions{Warn: func(text string) { said = text }})
	if r.Sent != 1 || !strings.Contains(said, "1 links are not copied") {
		t.Errorf("%+v, %q", r, said)
	}
	w.options.Paths = []string{filepath.Join(w.dir, script)}
	var none *assets.FolderError
	if _, err := w.bucket().Sync(t.Context(), assets.Dir{}, assets.SyncOptions{}); !errors.As(err, &none) {
		t.Error(err)
	}
}

// What a later release does not have stays.
func TestNothingIsDeleted(t *testing.T) {
	w := begin(t, map[string]string{script: "js"})
	w.sync(assets.Dir{}, assets.SyncOptions{})
	w.dir = t.TempDir()
	w.options.Paths = []string{w.dir}
	w.write(style, "css")
	_, asked := w.sync(assets.Dir{}, assets.SyncOptions{})
	if o, _ := w.object("packs/" + script); o == nil || asked.count("DELETE", "") != 0 {
		t.Error("the old file is gone")
	}
}

// An interrupted run leaves no manifest; the next one sends only the rest.
func TestAnInterruptedRunIsTakenUp(t *testing.T) {
	w := begin(t, many(200))
	w.options.Parallel = 4
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.bucket().Sync(ctx, layered{layers: []string{"sha256:aa"}}, assets.SyncOptions{Progress: func(done, _ int) {
		if done == 50 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := requests(server.Requests()).count("PUT", ".hwdeploy"); n != 0 {
		t.Error("a manifest was written")
	}
	r, _ := w.sync(layered{layers: []string{"sha256:aa"}}, assets.SyncOptions{})
	if r.Sent == 0 || r.Sent > 150 {
		t.Errorf("%+v", r)
	}
	rep, err := w.bucket().Verify(t.Context(), assets.Dir{})
	if err != nil || len(rep.Missing) != 0 || len(rep.Files) != 200 {
		t.Errorf("%d missing, %v", len(rep.Missing), err)
	}
}

// 429 and 5xx are tried again.
func TestBusyServersAreAskedAgain(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		w := begin(t, many(20))
		server.SetFaults(s3d.Faults{Status: status, Method: "PUT", Times: 10})
		r, err := w.bucket().Sync(t.Context(), assets.Dir{}, assets.SyncOptions{})
		if err != nil || r.Sent != 20 {
			t.Errorf("%d: %+v, %v", status, r, err)
		}
		if err := server.Reset(); err != nil {
			t.Fatal(err)
		}
	}
}

// What is lost behind a manifest's back is found by Verify and sent by a full run.
func TestVerifyTrustsNoManifest(t *testing.T) {
	w := begin(t, map[string]string{script: "js", style: "css"})
	w.sync(assets.Dir{}, assets.SyncOptions{})
	w.lose("packs/" + style)
	if r, _ := w.sync(assets.Dir{}, assets.SyncOptions{}); !r.Unchanged {
		t.Errorf("%+v", r)
	}
	rep, err := w.bucket().Verify(t.Context(), assets.Dir{})
	if err != nil || !slices.Equal(rep.Missing, []string{"packs/" + style}) {
		t.Errorf("%+v, %v", rep, err)
	}
	if r, _ := w.sync(assets.Dir{}, assets.SyncOptions{Full: true}); r.Sent != 1 {
		t.Errorf("%+v", r)
	}
}
