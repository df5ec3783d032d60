package s3d

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// front is the service before a server that takes everything.
func front(t *testing.T, o Options) (*Server, func(method string, header http.Header, length int64) int) {
	t.Helper()
	s := &Server{o: o, gateway: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	return s, func(method string, header http.Header, length int64) int {
		r := httptest.NewRequestWithContext(t.Context(), method, "/bucket/key?x=1", strings.NewReader("body"))
		r.ContentLength = length
		for name := range header {
			r.Header.Set(name, header.Get(name))
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
}

// What R2 refuses is refused, with R2's status.
func TestRefusals(t *testing.T) {
	_, do := front(t, Options{})
	for name, tc := range map[string]struct {
		header http.Header
		length int64
		want   int
	}{
		"plain":            {http.Header{"Cache-Control": {"no-store"}}, 4, 200},
		"checksum":         {http.Header{"X-Amz-Checksum-Crc32": {"AAAAAA=="}}, 4, 501},
		"trailer":          {http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, 4, 501},
		"chunked encoding": {http.Header{"Content-Encoding": {"aws-chunked"}}, 4, 501},
		"acl":              {http.Header{"X-Amz-Acl": {"public-read"}}, 4, 501},
		"tagging":          {http.Header{"X-Amz-Tagging": {"a=b"}}, 4, 501},
		"no length":        {nil, -1, 411},
	} {
		if got := do(http.MethodPut, tc.header, tc.length); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
	if _, loose := front(t, Options{Loose: true}); loose(http.MethodPut, http.Header{"X-Amz-Acl": {"private"}}, 4) != 200 {
		t.Error("a loose service refuses an ACL")
	}
}

// A fault strikes as often as it was told, only its method, and is logged without
// the signature.
func TestFaultsAndLog(t *testing.T) {
	s, do := front(t, Options{})
	s.SetFaults(Faults{Status: 503, Method: http.MethodPut, Times: 2})
	got := []int{do("GET", nil, 0), do("PUT", http.Header{"Authorization": {"secret"}}, 4), do("PUT", nil, 4), do("PUT", nil, 4)}
	for i, want := range []int{200, 503, 503, 200} {
		if got[i] != want {
			t.Errorf("request %d: %d, want %d", i, got[i], want)
		}
	}
	log := s.Requests()
	if len(log) != 4 || log[1].Status != 503 || log[1].Query != "x=1" || log[1].Header.Get("Authorization") != "" {
		t.Errorf("%+v", log)
	}
	s.SetFaults(Faults{Status: 429})
	for range 3 {
		if do("GET", nil, 0) != 429 {
			t.Error("a fault without a number ended")
		}
	}
}
