package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// LogSource is one log on one host.
type LogSource struct {
	Host, Role string // Role "" = not a role's
	line       string
	grep       bool
}

// AppLogs are the logs of the selected roles on all hosts; of a container that is
// named, one on each host.
func (e *Engine) AppLogs(s kamal.LogsSpec) []LogSource {
	latest := resolve.Image(e.Config, e.Config.LatestTag())
	var out []LogSource
	for _, host := range e.Selection.AppHosts {
		for _, role := range e.Selection.RolesOn(host) {
			src := LogSource{Host: host, Role: role.Name, line: e.app().Role(role.Name).LogsLine(latest, s), grep: s.Grep != ""}
			if s.ContainerID == "" {
				out = append(out, src)
				continue
			}
			src.Role = ""
			out = append(out, src)
			break
		}
	}
	return out
}

// ProxyLogs are those of kamal-proxy.
func (e *Engine) ProxyLogs(s kamal.ContainerLogs) []LogSource {
	var out []LogSource
	for _, host := range e.Selection.ProxyHosts {
		out = append(out, LogSource{Host: host, line: kamal.ProxyLogsLine(s), grep: s.Grep != ""})
	}
	return out
}

// Logs gives each log whole, in the order of the sources; the text of one without
// a line that matches is empty. It fails when no log could be read.
func (e *Engine) Logs(ctx context.Context, sources []LogSource) ([]Said, error) {
	out := make([]Said, len(sources))
	err := e.eachLog(ctx, sources, func(ctx context.Context, i int, h Host) error {
		out[i] = Said{Host: sources[i].Host, Role: sources[i].Role}
		res, err := h.Run(ctx, run.Cmd{Name: "read the log", Line: sources[i].line})
		out[i].Text = res.Stdout
		if sources[i].nothingFound(err) {
			return nil
		}
		return err
	})
	return out, err
}

// Follow gives all logs line by line as they are written, until ctx ends or all
// containers have stopped. The lines of one log keep their order, and say is
// called for one line at a time: while it does not return, nothing is read.
func (e *Engine) Follow(ctx context.Context, sources []LogSource, say func(LogSource, string) error) error {
	var mu sync.Mutex
	return e.eachLog(ctx, sources, func(ctx context.Context, i int, h Host) error {
		lines := &run.Lines{Max: maxLine}
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		lines.Say = func(text string) {
			mu.Lock()
			defer mu.Unlock()
			if err := say(sources[i], text); err != nil {
				cancel(err) // nobody reads any more
			}
		}
		_, err := h.Run(ctx, run.Cmd{Name: "follow the log", Line: sources[i].line, Stdout: lines, Stream: true})
		lines.End()
		if sources[i].nothingFound(err) {
			return nil
		}
		return err
	})
}

// maxLine is where a log's line is cut, in bytes.
const maxLine = 256 << 10

// nothingFound tells whether all that went wrong is that grep had nothing to show.
func (s LogSource) nothingFound(err error) bool {
	var exit *run.ExitError
	return s.grep && errors.As(err, &exit) && exit.Code == 1 && exit.Stderr == ""
}

// eachLog reads all logs at once. One that fails is a warning, at once; when all
// fail it is the error. A host that can't be reached has none.
func (e *Engine) eachLog(ctx context.Context, sources []LogSource, read func(context.Context, int, Host) error) error {
	var hosts []string
	for _, s := range sources {
		hosts = append(hosts, s.Host)
	}
	unreachable := e.connect(ctx, hosts)
	e.warnOfUnreachable(unreachable)
	errs := make([]error, len(sources))
	var wg sync.WaitGroup
	failed, reached := 0, 0
	for i, s := range sources {
		h := e.hosts[s.Host]
		if h == nil {
			continue
		}
		reached++
		wg.Go(func() {
			err := read(ctx, i, h)
			if err != nil && ctx.Err() == nil {
				e.warn(s.Host, fmt.Sprintf("%sthe log ended: %v", s.prefix(), err), "")
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if failed == reached && failed > 0 {
		return errors.Join(append(errs, unreachable)...)
	}
	return unreachable
}

// warnOfUnreachable tells at once whose logs are missing beside those of others:
// who follows these would wait for the error.
func (e *Engine) warnOfUnreachable(err error) {
	var some *ConnectError
	if !errors.As(err, &some) || len(e.hosts) == 0 {
		return
	}
	for _, host := range slices.Sorted(maps.Keys(some.Hosts)) {
		e.warn(host, "its logs are missing: it can't be reached", "")
	}
}

func (s LogSource) prefix() string {
	if s.Role == "" {
		return ""
	}
	return s.Role + ": "
}
