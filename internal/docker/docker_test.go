package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/pkg/stdcopy"
)

// fake answers as an engine would; the tests of everything else use a real one.
func fake(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := New(func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", s.Listener.Addr().String())
	}, Options{Host: "web1"})
	t.Cleanup(c.Close)
	return c
}

func TestWhichEnginesAreServed(t *testing.T) {
	for _, tc := range []struct {
		name, server, body string
		pinned, refused    string
	}{
		{"20.10", "Docker/20.10.24 (linux)", `{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Components":[{"Name":"Engine"}]}`, "1.41", ""},
		{"29", "Docker/29.0.0 (linux)", `{"Version":"29.0.0","ApiVersion":"1.52","MinAPIVersion":"1.44"}`, "1.51", ""},
		{"19.03", "", `{"Version":"19.03.15","ApiVersion":"1.40","MinAPIVersion":"1.12"}`, "", "Docker 19.03.15 (API 1.40) is not supported"},
		{"of the future", "", `{"Version":"40.0.0","ApiVersion":"1.90","MinAPIVersion":"1.60"}`, "", "Docker 40.0.0 (API 1.90) is not supported"},
		{"podman by component", "", `{"Version":"4.9.3","ApiVersion":"1.41","Components":[{"Name":"Podman Engine","Version":"4.9.3"}]}`, "", "podman 4.9.3 is not supported"},
		{"podman by header", "Libpod/5.0.0 (linux)", `{"Version":"5.0.0","ApiVersion":"1.41"}`, "", "podman 5.0.0 (linux) is not supported"},
		{"no engine", "", `<html>`, "", "does not speak the Docker API"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := fake(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Server", tc.server)
				io.WriteString(w, tc.body)
			})
			e, err := c.Ping(t.Context())
			if tc.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refused) || !strings.Contains(err.Error(), "on web1") {
					t.Fatalf("err = %v", err)
				}
				return
			}
			if err != nil || e.pinned() != tc.pinned {
				t.Errorf("pinned %s, %v", e.pinned(), err)
			}
		})
	}
}

type refusal struct{ error }

func TestTheCauseOfAFailedDialSurvives(t *testing.T) {
	for _, text := range []string{"dial unix /var/run/docker.sock: connect: connection refused", "rejected: connect failed"} {
		cause := refusal{errors.New(text)}
		fails := false
		c := fake(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			io.WriteString(w, `{"ApiVersion":"1.41"}`)
		})
		good := c.dial
		c.dial = func(ctx context.Context) (net.Conn, error) {
			if fails {
				return nil, cause
			}
			return good(ctx)
		}
		if _, err := c.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		fails = true
		_, err := c.List(t.Context(), ListOptions{})
		var got refusal
		if !errors.As(err, &got) || !IsUnreachable(err) || !strings.Contains(err.Error(), text) {
			t.Errorf("err = %v", err)
		}
		_, err = c.Hijack(t.Context(), "/grpc", "h2c", nil)
		if !errors.As(err, &got) || !IsUnreachable(err) {
			t.Errorf("hijack: %v", err)
		}
	}
}

func TestAFailedQuestionIsAskedAgain(t *testing.T) {
	n := 0
	c := fake(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, `{"ApiVersion":"1.41","Version":"20.10.24"}`)
	})
	if _, err := c.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("first: %v", err)
	}
	if _, err := c.Ping(t.Context()); err != nil {
		t.Errorf("second: %v", err)
	}
	if _, err := c.Ping(t.Context()); err != nil || n != 2 {
		t.Errorf("third: %v after %d questions", err, n)
	}
}

func TestWaitingForTheVersionEndsWithTheContext(t *testing.T) {
	hold := make(chan struct{})
	c := fake(t, func(w http.ResponseWriter, _ *http.Request) { <-hold })
	first := make(chan error, 1)
	go func() { _, err := c.Ping(t.Context()); first <- err }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
	close(hold)
	if err := <-first; err == nil {
		t.Error("an empty answer is no version")
	}
}

func TestDemux(t *testing.T) {
	var framed bytes.Buffer
	for _, s := range []struct {
		kind stdcopy.StdType
		text string
	}{{stdcopy.Stderr, "e1\n"}, {stdcopy.Stdout, "o1\n"}, {stdcopy.Stdout, "o2\n"}} {
		if _, err := stdcopy.NewStdWriter(&framed, s.kind).Write([]byte(s.text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct{ name, in, out, err string }{
		{"frames", framed.String(), "o1\no2\n", "e1\n"},
		{"terminal", "plain\r\n", "plain\r\n", ""},
		{"one byte", "x", "x", ""},
		{"nothing", "", "", ""},
	} {
		var out, errs bytes.Buffer
		if err := demux(&out, &errs, strings.NewReader(tc.in)); err != nil || out.String() != tc.out || errs.String() != tc.err {
			t.Errorf("%s: %q, %q, %v", tc.name, out.String(), errs.String(), err)
		}
	}
}

func TestMessagesOfATransfer(t *testing.T) {
	for _, tc := range []struct {
		name, stream string
		digest       string
		is           func(error) bool
	}{
		{"pushed", `{"status":"The push refers to repository [r/app]"}{"status":"Pushing","progressDetail":{"current":5,"total":10},"id":"0123456789ab"}{"progressDetail":{},"aux":{"Tag":"v1","Digest":"sha256:aa","Size":528}}`, "sha256:aa", nil},
		{"denied", `{"errorDetail":{"message":"denied: permission_denied: write_package"},"error":"denied"}`, "", IsDenied},
		{"unauthorized", `{"errorDetail":{"message":"unauthorized: authentication required"}}`, "", IsDenied},
		{"no credentials", `{"errorDetail":{"message":"no basic auth credentials"}}`, "", IsDenied},
		{"unknown", `{"errorDetail":{"message":"manifest for r/app:x not found: manifest unknown: manifest unknown"}}`, "", IsNotFound},
		{"other", `{"errorDetail":{"message":"write /var/lib/docker: no space left on device"}}`, "", func(err error) bool { return !IsDenied(err) && !IsNotFound(err) }},
		{"broken off", `{"status":"Push`, "", func(err error) bool { return strings.Contains(err.Error(), "broke off") }},
	} {
		var seen []Transfer
		var out Pushed
		err := messages(json.NewDecoder(strings.NewReader(tc.stream)), func(p Transfer) { seen = append(seen, p) }, &out)
		if (err != nil) != (tc.is != nil) || (tc.is != nil && !tc.is(err)) || out.Digest != tc.digest {
			t.Errorf("%s: %v, %+v", tc.name, err, out)
		}
		if tc.name == "pushed" && (len(seen) != 2 || seen[1] != Transfer{Layer: "0123456789ab", Status: "Pushing", Current: 5, Total: 10}) {
			t.Errorf("progress = %+v", seen)
		}
	}
}

func TestImageColumn(t *testing.T) {
	id := "sha256:0123456789abcdef0123456789abcdef"
	for _, tc := range []struct{ image, id, want string }{
		{"repo:v1", id, "repo:v1"},
		{"repo:v1@sha256:99", id, "repo:v1"},
		{id, id, "0123456789ab"},
		{"0123456789ab", id, "0123456789ab"},
		{"", id, "<no image>"},
	} {
		if got := imageColumn(tc.image, tc.id); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.image, got, tc.want)
		}
	}
}

func TestTheExitCodeIsAwaited(t *testing.T) {
	asked := 0
	c := fake(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/version") {
			io.WriteString(w, `{"ApiVersion":"1.41"}`)
			return
		}
		if asked++; asked < 3 {
			io.WriteString(w, `{"ID":"x","Running":true,"ExitCode":0}`)
			return
		}
		io.WriteString(w, `{"ID":"x","Running":false,"ExitCode":7}`)
	})
	api, err := c.use(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if code, err := exitCode(t.Context(), api, "x"); code != 7 || err != nil || asked != 3 {
		t.Errorf("code %d, %v after %d questions", code, err, asked)
	}
}
