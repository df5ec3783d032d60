package registry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warmlyyours/hwdeploy/registry"
)

func TestPushMovesOnlyWhatIsMissing(t *testing.T) {
	for _, mode := range []string{"", "basic", "bearer"} {
		t.Run(mode, func(t *testing.T) {
			s := newServer(t, mode)
			c := s.client(t)
			d := newDisk(t)
			img := d.image("amd64", "app", 300_000, 10, 200_000)
			img.Blobs = append(img.Blobs, img.Blobs[1]) // a layer that stands twice
			moved := map[string]int64{}
			digest, err := c.Push(t.Context(), s.repo(), img, []string{"v1", "latest"}, func(p registry.Progress) { moved[p.Digest] = p.Current })
			if err != nil || digest != digestOf(img.Manifests[0].Data) {
				t.Fatalf("push: %s, %v", digest, err)
			}
			if n := d.opened(); n != 4 {
				t.Errorf("first push: %d blobs opened", n)
			}
			for _, b := range img.Blobs {
				if moved[b.Digest] != b.Size {
					t.Errorf("progress of %s: %d of %d", b.Digest, moved[b.Digest], b.Size)
				}
			}
			for _, tag := range []string{":v1", ":latest", "@" + digest} {
				got, err := c.Resolve(t.Context(), s.repo()+tag)
				if err != nil || got != digest {
					t.Errorf("%s: %s, %v", tag, got, err)
				}
			}

			// The next version shares two of three layers.
			next := d.image("amd64", "app", 50)
			next.Blobs = append(next.Blobs, img.Blobs[1], img.Blobs[2])
			missing, err := c.Missing(t.Context(), s.repo(), next.Blobs)
			if err != nil || len(missing) != 1 || missing[0].Digest != next.Blobs[1].Digest {
				t.Errorf("missing: %+v, %v", missing, err)
			}
			exists := 0
			if _, err := s.client(t).Push(t.Context(), s.repo(), next, []string{"v2"}, func(p registry.Progress) {
				if p.Exists {
					exists++
				}
			}); err != nil {
				t.Fatal(err)
			}
			if n := d.opened(); n != 1 || exists != 3 {
				t.Errorf("second push: %d opened, %d there", n, exists)
			}
		})
	}
}

func TestIndexAndAttestations(t *testing.T) {
	s := newServer(t, "")
	c := s.client(t)
	d := newDisk(t)
	amd, arm, note := d.image("amd64", "app", 10), d.image("arm64", "", 10), d.image("unknown", "", 10)
	entry := func(img registry.Content, os, arch string) map[string]any {
		e := descriptor(ociManifest, digestOf(img.Manifests[0].Data), int64(len(img.Manifests[0].Data)))
		e["platform"] = map[string]any{"os": os, "architecture": arch}
		return e
	}
	all := registry.Content{
		Blobs:     append(append(append([]registry.Blob{}, amd.Blobs...), arm.Blobs...), note.Blobs...),
		Manifests: append(append(append([]registry.Manifest{}, amd.Manifests...), arm.Manifests...), note.Manifests...),
	}
	all.Manifests = append(all.Manifests, registry.Manifest{MediaType: ociIndex, Data: d.json(map[string]any{
		"schemaVersion": 2, "mediaType": ociIndex,
		"manifests": []any{entry(amd, "linux", "amd64"), entry(arm, "linux", "arm64"), entry(note, "unknown", "unknown")},
	})})
	if _, err := c.Push(t.Context(), s.repo(), all, []string{"v1"}, nil); err != nil {
		t.Fatal(err)
	}
	list, err := c.Images(t.Context(), s.repo()+":v1")
	if err != nil || len(list) != 2 || list[0].Platform != "linux/amd64" || list[1].Platform != "linux/arm64" {
		t.Fatalf("%+v, %v", list, err)
	}
	if list[0].Labels["service"] != "app" {
		t.Errorf("%+v", list[0])
	}
	_, err = c.CheckService(t.Context(), s.repo()+":v1", "app")
	var le *registry.LabelError
	if !errors.As(err, &le) || le.Platform != "linux/arm64" || le.Error() != "Image "+s.repo()+":v1 is missing the 'service' label" {
		t.Errorf("%v", err)
	}
}

// An index that names nothing that runs carries no label.
func TestAnIndexOfNothing(t *testing.T) {
	s := newServer(t, "")
	empty := registry.Content{Manifests: []registry.Manifest{{MediaType: ociIndex, Data: []byte(`{"schemaVersion":2,"mediaType":"` + ociIndex + `","manifests":[]}`)}}}
	if _, err := s.client(t).Push(t.Context(), s.repo(), empty, []string{"v1"}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := s.client(t).CheckService(t.Context(), s.repo()+":v1", "app")
	var le *registry.LabelError
	if !errors.As(err, &le) {
		t.Error(err)
	}
}

func TestServiceLabel(t *testing.T) {
	s := newServer(t, "")
	c := s.client(t)
	for _, tc := range []struct{ label, says string }{
		{"app", ""},
		{"", "Image %s is missing the 'service' label"},
		{"other", `Image %s is missing the 'service' label "app" (it says "other")`},
	} {
		if _, err := c.Push(t.Context(), s.repo(), newDisk(t).image("amd64", tc.label, 5), []string{"v1"}, nil); err != nil {
			t.Fatal(err)
		}
		_, err := c.CheckService(t.Context(), s.repo()+":v1", "app")
		if want := strings.ReplaceAll(tc.says, "%s", s.repo()+":v1"); (want == "") != (err == nil) || (err != nil && err.Error() != want) {
			t.Errorf("%q: %v", tc.label, err)
		}
	}
}

func TestTagMoves(t *testing.T) {
	s := newServer(t, "bearer")
	c := s.client(t)
	d := newDisk(t)
	first, err := c.Push(t.Context(), s.repo(), d.image("amd64", "app", 10), []string{"v1", "latest"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Push(t.Context(), s.repo(), d.image("amd64", "app", 20), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Tag(t.Context(), s.repo()+"@"+second, "v2", "latest", "hw-0123456789abcdef"); err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]string{"v1": first, "v2": second, "latest": second, "hw-0123456789abcdef": second, "none": ""} {
		if got, err := c.Digest(t.Context(), s.repo()+":"+tag); err != nil || got != want {
			t.Errorf("%s = %s, %v", tag, got, err)
		}
	}
	if err := c.Tag(t.Context(), s.repo()+":none", "x"); !registry.IsNotFound(err) {
		t.Errorf("tag of nothing: %v", err)
	}
}

func TestABrokenUploadBeginsAgain(t *testing.T) {
	s := newServer(t, "bearer")
	d := newDisk(t)
	var broken atomic.Bool
	s.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch || r.ContentLength < 1000 || !broken.CompareAndSwap(false, true) {
			return false
		}
		if _, err := io.CopyN(io.Discard, r.Body, 1000); err != nil {
			t.Error(err)
		}
		refuse(w, http.StatusServiceUnavailable, "UNAVAILABLE", "later")
		return true
	})
	img := d.image("amd64", "app", 500_000)
	if _, err := s.client(t).Push(t.Context(), s.repo(), img, []string{"v1"}, nil); err != nil {
		t.Fatal(err)
	}
	if n := d.opened(); n != 3 {
		t.Errorf("%d opened, want config, layer, layer again", n)
	}

	s.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		refuse(w, http.StatusServiceUnavailable, "UNAVAILABLE", "never")
		return true
	})
	_, err := s.client(t).Push(t.Context(), s.repo(), d.image("amd64", "app", 10), []string{"v2"}, nil)
	var e *registry.Error
	if !errors.As(err, &e) || e.Kind != registry.KindServer {
		t.Errorf("%v", err)
	}
	s.setFault(nil)
	if got, err := s.client(t).Digest(t.Context(), s.repo()+":v2"); got != "" || err != nil {
		t.Errorf("a failed push left the tag %s, %v", got, err)
	}
}

func TestAFailingSourceIsNamed(t *testing.T) {
	s := newServer(t, "")
	boom := errors.New("builder went away")
	for name, open := range map[string]func(context.Context) (io.ReadCloser, error){
		"at once":  func(context.Context) (io.ReadCloser, error) { return nil, boom },
		"half way": func(context.Context) (io.ReadCloser, error) { return io.NopCloser(&failing{n: 40_000, err: boom}), nil },
		"short": func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(&failing{n: 40_000, err: io.EOF}), nil
		},
	} {
		img := newDisk(t).image("amd64", "app", 90_000)
		img.Blobs[1].Open = open
		_, err := s.client(t).Push(t.Context(), s.repo(), img, []string{"v1"}, nil)
		var se *registry.SourceError
		if !errors.As(err, &se) || se.Digest != img.Blobs[1].Digest {
			t.Errorf("%s: %T %v", name, err, err)
		}
	}
}

type failing struct {
	n   int
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.n == 0 {
		return 0, f.err
	}
	n := min(len(p), f.n)
	f.n -= n
	return n, nil
}

func TestAStoppedPushStops(t *testing.T) {
	s := newServer(t, "")
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	hold := make(chan struct{})
	s.setFault(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			cancel(why)
			<-hold
			return true
		}
		return false
	})
	begin := time.Now()
	_, err := s.client(t).Push(ctx, s.repo(), newDisk(t).image("amd64", "app", 400_000), []string{"v1"}, nil)
	close(hold)
	if !errors.Is(err, why) || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

// halfway is a blob whose source waits for more until it is closed, and then says
// that it was.
type halfway struct {
	first  []byte
	closed chan struct{}
	once   sync.Once
}

func (h *halfway) Read(p []byte) (int, error) {
	if n := copy(p, h.first); n > 0 {
		h.first = h.first[n:]
		return n, nil
	}
	<-h.closed
	return 0, context.Canceled
}

func (h *halfway) Close() error {
	h.once.Do(func() { close(h.closed) })
	return nil
}

// A registry that refuses a blob before it has read all of it closes the source,
// by HTTP/2 while that is still being read. The refusal is the reason then.
func TestARefusalHalfwayIsTheRegistrys(t *testing.T) {
	inner := newServer(t, "")
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch {
			inner.Config.Handler.ServeHTTP(w, r)
			return
		}
		if _, err := io.ReadFull(r.Body, make([]byte, 10)); err != nil {
			return // another blob's refusal ended the push
		}
		refuse(w, http.StatusForbidden, "DENIED", "too large for your plan")
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	img := newDisk(t).image("amd64", "app", 1000)
	img.Blobs[1].Open = func(context.Context) (io.ReadCloser, error) {
		return &halfway{first: make([]byte, 100), closed: make(chan struct{})}, nil
	}
	c := newClient(t, registry.Options{Server: s.Listener.Addr().String(), Transport: s.Client().Transport, RetryWait: time.Millisecond})
	for range 20 {
		_, err := c.Push(t.Context(), s.Listener.Addr().String()+"/o/app", img, nil, nil)
		var refused *registry.AuthError
		if !errors.As(err, &refused) {
			t.Fatal(err)
		}
	}
}
