package deploy

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// fakeHost answers lines by a function and has an engine that a handler plays.
type fakeHost struct {
	name   string
	answer func(line string) (run.Result, error)
	engine *docker.Client
}

func newFakeHost(t *testing.T, answer func(string) (run.Result, error), engine http.HandlerFunc) *fakeHost {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			_, _ = io.WriteString(w, `{"Version":"27.0.0","ApiVersion":"1.46","MinAPIVersion":"1.24","Os":"linux","Arch":"amd64"}`)
			return
		}
		engine(w, r)
	}))
	t.Cleanup(s.Close)
	c := docker.New(func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", s.Listener.Addr().String())
	}, docker.Options{Host: "a"})
	t.Cleanup(c.Close)
	return &fakeHost{name: "a", answer: answer, engine: c}
}

func (h *fakeHost) Run(_ context.Context, c run.Cmd) (run.Result, error) { return h.answer(c.Line) }
func (h *fakeHost) Name() string                                         { return h.name }
func (h *fakeHost) Docker() *docker.Client                               { return h.engine }
func (h *fakeHost) Close() error                                         { return nil }

var errNotPlayed = errors.New("not played")

func (h *fakeHost) Start(context.Context, string) (Session, error) { return nil, errNotPlayed }
func (h *fakeHost) Upload(context.Context, string, []byte, fs.FileMode) error {
	return errNotPlayed
}
func (h *fakeHost) DialTCP(context.Context, string) (net.Conn, error) { return nil, errNotPlayed }
func (h *fakeHost) ListenTCP(context.Context, string) (net.Listener, error) {
	return nil, errNotPlayed
}
