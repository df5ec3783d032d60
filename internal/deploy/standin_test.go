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

// standin is a host whose engine and commands are functions of the test's; what a
// test does not give it does not have.
type standin struct {
	name   string
	engine *docker.Client
	start  func(line string) (Session, error)
	run    func(run.Cmd) (run.Result, error)
}

var errNotHere = errors.New("the stand-in has none")

func (s *standin) Name() string           { return s.name }
func (s *standin) Docker() *docker.Client { return s.engine }
func (s *standin) Close() error           { return nil }

func (s *standin) Run(_ context.Context, c run.Cmd) (run.Result, error) {
	if s.run == nil {
		return run.Result{}, errNotHere
	}
	return s.run(c)
}

func (s *standin) Start(_ context.Context, line string) (Session, error) {
	if s.start == nil {
		return nil, errNotHere
	}
	return s.start(line)
}

func (s *standin) Upload(context.Context, string, []byte, fs.FileMode) error { return errNotHere }

func (s *standin) DialTCP(context.Context, string) (net.Conn, error) { return nil, errNotHere }

func (s *standin) ListenTCP(context.Context, string) (net.Listener, error) { return nil, errNotHere }

// withEngine gives a host whose engine answers calls by their method and their
// path behind the API's version.
func withEngine(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *standin {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"Version":"20.10.24","ApiVersion":"1.41","Os":"linux","Arch":"amd64"}`) //nolint:errcheck // a test
	})
	mux.Handle("/v1.41/", http.StripPrefix("/v1.41", http.HandlerFunc(answer)))
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		s.CloseClientConnections() // of calls that hang
		s.Close()
	})
	engine := docker.New(func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", s.Listener.Addr().String())
	}, docker.Options{Host: "web-1"})
	t.Cleanup(engine.Close)
	return &standin{name: "web-1", engine: engine}
}

// withLines is withEngine on a host that answers lines, too.
func withLines(t *testing.T, answer func(line string) (run.Result, error), engine http.HandlerFunc) *standin {
	t.Helper()
	h := withEngine(t, engine)
	h.run = func(c run.Cmd) (run.Result, error) { return answer(c.Line) }
	return h
}
