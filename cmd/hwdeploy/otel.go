package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/event"
	"github.com/warmlyyours/hwdeploy/internal/otlp"
	"github.com/warmlyyours/hwdeploy/internal/ui"
)

// shipped sends what a run shows to the configuration's output/otel, in Kamal's
// form.
type shipped struct {
	*ui.Plain
	shipper  *otlp.Shipper
	flush    func() error
	endpoint string
	command  otlp.Attribute
	now      func() time.Time
	begin    time.Time
}

// ship opens the way to the collector; nil when none is wanted.
func (a *app) ship(ctx context.Context, e *deploy.Engine, r deploy.Request) *shipped {
	endpoint := e.Config.Output.OTelEndpoint
	if endpoint == "" {
		return nil
	}
	environment := e.Config.Destination
	if environment == "" {
		environment = "unknown"
	}
	s := &shipped{endpoint: endpoint, command: otlp.Attribute{Key: "command", Value: r.Command}, now: a.now, begin: a.now()}
	s.shipper = otlp.New(ctx, otlp.Options{Endpoint: endpoint, Now: a.now, Resource: []otlp.Attribute{
		{Key: "service.name", Value: "kamal"}, {Key: "service.version", Value: version()}, {Key: "kamal.run_id", Value: e.RunID},
		{Key: "service.namespace", Value: e.Config.Service}, {Key: "kamal.deploy_version", Value: r.Version},
		{Key: "kamal.performer", Value: e.Person.Performer}, {Key: "deployment.environment.name", Value: environment},
	}})
	w := a.redactor.Writer(s.shipper)
	s.Plain, s.flush = ui.NewPlain(w, true), w.Flush
	s.shipper.Event("kamal.start", s.command, otlp.Attribute{Key: "hosts", Value: strings.Join(e.Selection.Hosts, ",")})
	return s
}

// end ships how the run ended, and tells where the log is or why it is not whole.
func (s *shipped) end(err error, redact func(string) string, sink event.Sink) {
	failed := s.flush()
	if err != nil {
		s.shipper.Event("kamal.failed", s.command, otlp.Attribute{Key: "error", Value: redact(err.Error())})
	} else {
		s.shipper.Event("kamal.complete", s.command, otlp.Attribute{Key: "runtime", Value: fmt.Sprint(int(s.now().Sub(s.begin).Seconds()))})
	}
	if e := s.shipper.Close(); failed == nil {
		failed = e
	}
	if failed != nil {
		sink.Emit(event.Event{Type: event.Warning, Message: &event.Message{Text: "output/otel: the log was not sent whole: " + failed.Error()}})
		return
	}
	sink.Emit(event.Event{Type: event.Notice, Message: &event.Message{Text: "Logs sent to " + otlp.Shown(s.endpoint)}})
}
