package deploy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

const evidenceLines = 30

// containerEvidence tells why a new container is not healthy, while it is still
// there: its state, its last log lines, and what its health path answered.
func (w *worker) containerEvidence(ctx context.Context, h Host, id string, s plan.Step) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	var out strings.Builder
	d, err := h.Docker().Inspect(ctx, id)
	if err != nil {
		return fmt.Sprintf("container %s on %s: %v\n", s.Boot.Container, h.Name(), err)
	}
	fmt.Fprintf(&out, "container %s on %s: %s\n", s.Boot.Container, h.Name(), stateWords(d))
	if s.Boot.Service != "" && d.State.Running {
		fmt.Fprintf(&out, "%s\n", w.askHealth(ctx, h, d, s.Boot))
	}
	var log bytes.Buffer
	if err := h.Docker().Logs(ctx, id, docker.LogOptions{Tail: evidenceLines, Timestamps: true}, &log, &log); err != nil {
		fmt.Fprintf(&out, "its log could not be read: %v\n", err)
		return out.String()
	}
	fmt.Fprintf(&out, "its last log lines:\n")
	for line := range strings.Lines(log.String()) {
		fmt.Fprintf(&out, "  %s\n", strings.TrimRight(line, "\n"))
	}
	return out.String()
}

func stateWords(d docker.Details) string {
	text := d.State.Status
	if !d.State.Running || d.State.Restarting {
		text += fmt.Sprintf(", exit code %d", d.State.ExitCode)
	}
	if d.RestartCount > 0 {
		text += fmt.Sprintf(", restarted %d times", d.RestartCount)
	}
	if d.State.OOMKilled {
		text += ", killed for memory"
	}
	if d.State.Error != "" {
		text += ", " + d.State.Error
	}
	if d.State.Health != nil {
		text += fmt.Sprintf(", health check %s: %s", d.State.Health.Status, strings.TrimSpace(d.State.Health.Output))
	}
	return text
}

// askHealth asks the health path as the proxy does, through the host.
func (w *worker) askHealth(ctx context.Context, h Host, d docker.Details, b *plan.Boot) string {
	path := w.engine.role(b.Role).Proxy.Health.Path
	if path == "" {
		path = "/up"
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, address string) (net.Conn, error) { return h.DialTCP(ctx, address) },
	}}
	url := fmt.Sprintf("http://%s:%d%s", d.Networks["kamal"], b.Port, path)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Sprintf("GET %s: %v", path, err)
	}
	req.Header.Set("User-Agent", "kamal-proxy")
	res, err := client.Do(req)
	if err != nil {
		return fmt.Sprintf("GET %s on port %d: %v", path, b.Port, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 300))
	if err != nil {
		return fmt.Sprintf("GET %s on port %d answered %s, then: %v", path, b.Port, res.Status, err)
	}
	return fmt.Sprintf("GET %s on port %d answered %s %s", path, b.Port, res.Status, strings.TrimSpace(string(body)))
}
