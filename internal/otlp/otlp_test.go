package otlp

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// collector keeps what is posted to it, as a collector does.
type collector struct {
	mu     sync.Mutex
	bodies []string
	status int
	slow   time.Duration
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	select {
	case <-time.After(c.slow):
	case <-r.Context().Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/logs" || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.bodies = append(c.bodies, string(body))
	w.WriteHeader(c.status)
}

func ship(t *testing.T, c *collector, f func(*Shipper)) error {
	t.Helper()
	server := httptest.NewServer(c)
	defer server.Close()
	s := New(t.Context(), Options{
		Endpoint: server.URL + "/", Resource: []Attribute{{"service.name", "kamal"}}, Now: func() time.Time { return time.Unix(1, 5) },
	})
	f(s)
	return s.Close()
}

func TestLinesAndEventsAreShipped(t *testing.T) {
	c := &collector{status: 200}
	err := ship(t, c, func(s *Shipper) {
		fmt.Fprint(s, "one\n\ntwo \"2\"\n")
		s.Event("kamal.start", Attribute{"command", "deploy"})
	})
	want := `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"kamal"}}]},"scopeLogs":[{"logRecords":[` +
		`{"timeUnixNano":"1000000005","severityNumber":9,"severityText":"INFO","body":{"stringValue":"one"}},` +
		`{"timeUnixNano":"1000000005","severityNumber":9,"severityText":"INFO","body":{"stringValue":"two \"2\""}},` +
		`{"timeUnixNano":"1000000005","severityNumber":9,"severityText":"INFO","body":{"stringValue":"kamal.start"},"attributes":[{"key":"command","value":{"stringValue":"deploy"}}]}]}]}]}`
	if err != nil || len(c.bodies) != 1 || c.bodies[0] != want {
		t.Errorf("%v\n%s", err, c.bodies)
	}
}

func TestBatchesHoldAHundred(t *testing.T) {
	c := &collector{status: 200}
	if err := ship(t, c, func(s *Shipper) {
		for i := range 250 {
			fmt.Fprintf(s, "line %d\n", i)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(c.bodies) != 3 || !json.Valid([]byte(c.bodies[2])) || strings.Count(c.bodies[1], "timeUnixNano") != 100 || !strings.Contains(c.bodies[2], "line 249") {
		t.Errorf("%d bodies", len(c.bodies))
	}
}

// A password in the endpoint is sent, and told nobody.
func TestAPasswordInTheEndpointIsNotTold(t *testing.T) {
	server := httptest.NewServer(&collector{status: 503})
	defer server.Close()
	s := New(t.Context(), Options{Endpoint: strings.Replace(server.URL, "://", "://otel:s3cret@", 1), Now: time.Now})
	fmt.Fprintln(s, "one")
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "answered 503") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v", err)
	}
}

// A collector that takes each batch, but slowly, is not waited for batch by batch.
func TestCloseDoesNotWaitForASlowCollector(t *testing.T) {
	c := &collector{status: 200, slow: 60 * time.Millisecond}
	err := ship(t, c, func(s *Shipper) {
		s.patience = 150 * time.Millisecond
		for i := range 1000 {
			fmt.Fprintf(s, "line %d\n", i)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "was too slow: ") {
		t.Errorf("%v, after %d batches", err, len(c.bodies))
	}
}

func TestARefusalIsTheErrorOfClose(t *testing.T) {
	err := ship(t, &collector{status: 503}, func(s *Shipper) { fmt.Fprintln(s, "one") })
	if err == nil || !strings.Contains(err.Error(), "/v1/logs answered 503") {
		t.Errorf("%v", err)
	}
}

func TestWhatACollectorIsTooSlowForIsTheErrorOfClose(t *testing.T) {
	c := &collector{status: 200}
	c.mu.Lock()
	err := ship(t, c, func(s *Shipper) {
		for i := range 2000 {
			fmt.Fprintf(s, "line %d\n", i)
		}
		c.mu.Unlock()
	})
	if err == nil || !strings.Contains(err.Error(), "lines were lost") {
		t.Errorf("%v", err)
	}
}
