// Package otlp ships log lines to an OpenTelemetry collector by OTLP over HTTP
// with JSON.
//
// Laws: nothing waits for the collector but Close, and that not for long; what
// cannot be sent is lost, counted once as the error of Close; texts come in
// without secrets.
//
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp.
package otlp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Attribute is a key and its text.
type Attribute struct{ Key, Value string }

// Options are what a Shipper needs.
type Options struct {
	Endpoint string // http://collector:4318, without the path
	Resource []Attribute
	Now      func() time.Time
}

// The limits of a batch, of one request, and of all that wait for Close.
const (
	batchSize = 100
	batchAge  = 5 * time.Second
	patience  = 7 * time.Second
)

// Shipper sends records in batches. Make it with New and Close it.
type Shipper struct {
	o       Options
	url     string
	records chan record
	ended   chan error
	lost    atomic.Int64 // records that were dropped
	stop    context.CancelFunc

	patience time.Duration
}

// New starts a Shipper; ctx carries values only, its end stops nothing.
func New(ctx context.Context, o Options) *Shipper {
	s := &Shipper{
		o: o, url: strings.TrimRight(o.Endpoint, "/") + "/v1/logs", records: make(chan record, 1024), ended: make(chan error, 1), patience: patience,
	}
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() { s.ended <- s.run(ctx) }()
	return s
}

// Write ships whole lines; it never fails.
func (s *Shipper) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			s.put(line, nil)
		}
	}
	return len(p), nil
}

// Event ships a record with attributes.
func (s *Shipper) Event(name string, attributes ...Attribute) { s.put(name, attributes) }

// put drops a record when a thousand wait already: the collector is too slow.
func (s *Shipper) put(body string, attributes []Attribute) {
	r := record{Time: strconv.FormatInt(s.o.Now().UnixNano(), 10), Severity: 9, SeverityText: "INFO", Body: value{body}, Attributes: pairs(attributes)}
	select {
	case s.records <- r:
	default:
		s.lost.Add(1)
	}
}

// Close ships what waits and gives the first failure. Nothing may be written
// after it.
func (s *Shipper) Close() error {
	close(s.records)
	defer s.stop()
	defer time.AfterFunc(s.patience, s.stop).Stop()
	err := <-s.ended
	if n := s.lost.Load(); err == nil && n > 0 {
		return fmt.Errorf("%s was too slow: %d lines were lost", Shown(s.url), n)
	}
	return err
}

// Shown is an address without its password, for people.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the collector"
	}
	return u.Redacted()
}

func (s *Shipper) run(ctx context.Context) (failed error) {
	tick := time.NewTicker(batchAge)
	defer tick.Stop()
	var batch []record
	send := func() {
		if len(batch) == 0 || failed != nil { // after a failure the collector is left alone
			batch = nil
			return
		}
		if err := s.send(ctx, batch); err != nil && ctx.Err() != nil {
			s.lost.Add(int64(len(batch)))
		} else {
			failed = err
		}
		batch = nil
	}
	for {
		select {
		case r, ok := <-s.records:
			if !ok {
				send()
				return failed
			}
			if batch = append(batch, r); len(batch) == batchSize {
				send()
			}
		case <-tick.C:
			send()
		}
	}
}

// The form of OTLP's JSON; 64-bit numbers are texts.
type (
	value struct {
		Text string `json:"stringValue"`
	}
	pair struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	record struct {
		Time         string `json:"timeUnixNano"`
		Severity     int    `json:"severityNumber"`
		SeverityText string `json:"severityText"`
		Body         value  `json:"body"`
		Attributes   []pair `json:"attributes,omitempty"`
	}
	resource struct {
		Attributes []pair `json:"attributes"`
	}
	scopeLogs struct {
		Records []record `json:"logRecords"`
	}
	resourceLogs struct {
		Resource resource    `json:"resource"`
		Scopes   []scopeLogs `json:"scopeLogs"`
	}
	payload struct {
		Logs []resourceLogs `json:"resourceLogs"`
	}
)

func pairs(list []Attribute) []pair {
	var out []pair
	for _, a := range list {
		out = append(out, pair{a.Key, value{a.Value}})
	}
	return out
}

func (s *Shipper) send(ctx context.Context, batch []record) error {
	body, err := json.Marshal(payload{[]resourceLogs{{resource{pairs(s.o.Resource)}, []scopeLogs{{batch}}}}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("POST %s answered %s", Shown(s.url), res.Status)
	}
	return nil
}
