package assets_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/assets"
	"github.com/warmlyyours/hwdeploy/internal/secret"
	"github.com/warmlyyours/hwdeploy/lab/s3d"
)

// Each failure has its kind, says what was asked of which bucket, and never shows
// a credential.
func TestFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*assets.Options)
		status int
		kind   assets.Kind
		text   string
	}{
		"wrong secret": {func(o *assets.Options) { o.SecretKey = secret.New("wrong-secret-4713") }, 0, assets.Credentials, "SignatureDoesNotMatch"},
		"unknown key":  {func(o *assets.Options) { o.AccessKey = secret.New("unknown-key-4714") }, 0, assets.Credentials, "InvalidAccessKeyId"},
		"denied": {func(o *assets.Options) {
			o.AccessKey, o.SecretKey = secret.New(guest.Key), secret.New(guest.Secret)
		}, 0, assets.Denied, "AccessDenied"},
		"no bucket":   {func(o *assets.Options) { o.Bucket = "no-such-bucket" }, 0, assets.NoBucket, "NoSuchBucket"},
		"unreachable": {func(o *assets.Options) { o.Endpoint = "http://127.0.0.1:1" }, 0, assets.Unreachable, "connection refused"},
		"busy":        {func(*assets.Options) {}, 503, assets.Busy, "SlowDown"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			w := begin(t, map[string]string{script: "js"})
			tc.change(&w.options)
			server.SetFaults(s3d.Faults{Status: tc.status})
			_, err := w.bucket().Sync(t.Context(), assets.Dir{}, assets.SyncOptions{})
			server.SetFaults(s3d.Faults{})
			var e *assets.Error
			if !errors.As(err, &e) || e.Kind != tc.kind || len(e.Hints()) == 0 {
				t.Fatalf("%v, %+v", err, e)
			}
			for _, part := range []string{tc.text, w.options.Bucket, w.options.Endpoint} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			for _, hidden := range []string{w.options.SecretKey.Reveal(), w.options.AccessKey.Reveal()} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("a credential is in %q", err)
				}
			}
		})
	}
}

// Options that make no sense are found before anything is asked.
func TestBadOptions(t *testing.T) {
	good := assets.Options{Endpoint: "https://a.example.com", Bucket: "b"}
	for _, change := range []func(*assets.Options){
		func(o *assets.Options) { o.Endpoint = "a.example.com" },
		func(o *assets.Options) { o.Endpoint = "ftp://a.example.com" },
		func(o *assets.Options) { o.Exclude = []string{"[a"} },
	} {
		o := good
		change(&o)
		if _, err := assets.New(o); !assets.IsConfig(err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := assets.New(good); err != nil {
		t.Error(err)
	}
}

// A folder that is not there, and two folders with one name, are mistakes of the
// configuration; a link is told and not followed.
func TestFolders(t *testing.T) {
	w := begin(t, map[string]string{script: "js"})
	if err := os.Symlink("elsewhere", filepath.Join(w.dir, "link-0123456789abcdef.js")); err != nil {
		t.Fatal(err)
	}
	told := ""
	r, _ := w.sync(assets.Dir{}, assets.SyncOptions{Warn: func(text string) { told = text }})
	if r.Files != 1 || !strings.Contains(told, "link-0123456789abcdef.js") {
		t.Errorf("%+v, %q", r, told)
	}
	for _, paths := range [][]string{{w.dir, filepath.Join(w.dir, "none")}, {w.dir, w.dir}} {
		w.options.Paths = paths
		if _, err := w.bucket().Sync(t.Context(), assets.Dir{}, assets.SyncOptions{}); !assets.IsConfig(err) {
			t.Errorf("%v: %v", paths, err)
		}
	}
}
