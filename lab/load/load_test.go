package load

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRefusesOtherAddressesAndBounds(t *testing.T) {
	good := Options{URL: "http://127.0.0.1:1/", Rate: 10, For: time.Second}
	tests := map[string]func(*Options){
		"public address":  func(o *Options) { o.URL = "http://192.0.2.1/" },
		"private, no lab": func(o *Options) { o.URL = "http://10.0.0.1/" },
		"name":            func(o *Options) { o.URL = "http://example.test/" },
		"https":           func(o *Options) { o.URL = "https://127.0.0.1/" },
		"no rate":         func(o *Options) { o.Rate = 0 },
		"rate":            func(o *Options) { o.Rate = MaxRate + 1 },
		"time":            func(o *Options) { o.For = MaxTime + 1 },
	}
	if _, err := good.checked(); err != nil {
		t.Fatal(err)
	}
	for _, u := range []string{"http://172.28.3.11/up", "http://localhost:80", "http://[::1]:80/"} {
		if _, err := (Options{URL: u, Rate: 1}).checked(); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
	for name, spoil := range tests {
		o := good
		spoil(&o)
		if _, err := Start(t.Context(), o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCounts(t *testing.T) {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := n.Add(1)
		if r.Host != "shop.test" {
			t.Errorf("Host %q", r.Host)
		}
		w.Header().Set("X-Version", fmt.Sprintf("v%d", i%2))
		switch {
		case i <= 3:
			w.WriteHeader(http.StatusBadGateway)
		case i <= 5:
			panic(http.ErrAbortHandler)
		case i == 6:
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}
	}))
	defer s.Close()
	begin := time.Now()
	r, err := Do(t.Context(), Options{URL: s.URL, Host: "shop.test", Rate: 200, Count: 60})
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begin); d < 290*time.Millisecond || d > 2*time.Second {
		t.Errorf("60 requests at 200/s took %s", d)
	}
	if r.Requests != 60 || r.Failed != 5 || r.Statuses[502] != 3 || r.Statuses[302] != 1 || r.Errors["EOF"] != 2 || len(r.Failures) != 5 {
		t.Errorf("%+v", r)
	}
	if r.Versions["v0"]+r.Versions["v1"] != 55 || r.Versions["v0"] < 20 {
		t.Errorf("versions %v", r.Versions)
	}
	if r.Max < r.P99 || r.P99 < r.P50 || r.P50 <= 0 || r.Rate < 150 || r.Rate > 250 {
		t.Errorf("%s", r)
	}
}

func TestStallShowsAsFailures(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r, err := Do(t.Context(), Options{URL: "http://" + l.Addr().String(), Rate: 100, Count: 20, Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if r.Requests != 20 || r.Failed != 20 || r.Errors["timeout"] != 20 || r.Max < 100*time.Millisecond {
		t.Errorf("%+v", r)
	}
}

func TestStopWaitsForAnswers(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	run, err := Start(t.Context(), Options{URL: s.URL, Rate: 50, KeepAlive: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for run.Sent() < 10 && ctx.Err() == nil {
		<-time.After(5 * time.Millisecond)
	}
	a := run.Stop()
	if a.Failed != 0 || a.Requests < 11 {
		t.Errorf("those under way at Stop: %s", a)
	}
	if b := run.Stop(); b.Requests != a.Requests {
		t.Errorf("a second Stop: %d, then %d", a.Requests, b.Requests)
	}
	if !strings.Contains(a.String(), "0 failed") {
		t.Error(a)
	}
}
