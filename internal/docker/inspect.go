package docker

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
)

// Details is what Inspect tells about one container. What it was created with is
// left out: that holds secrets.
type Details struct {
	ID    string
	Name  string
	State State
	// RestartCount counts the restarts by policy since the last start by hand.
	RestartCount int
	// RestartPolicy is "no", "always", "unless-stopped" or "on-failure".
	RestartPolicy string
	Networks      map[string]string // name → address
}

// State is how the main process does.
type State struct {
	Status     string // as Container.State
	Running    bool
	Restarting bool
	OOMKilled  bool
	ExitCode   int
	Error      string // why it could not start
	StartedAt  time.Time
	// Health is nil without a health check.
	Health *Health
}

// Health is the state of the image's own health check.
type Health struct {
	Status string // "starting", "healthy", "unhealthy"
	Output string // of the last check
}

// Inspect gives the details of the container with that id or name.
func (c *Client) Inspect(ctx context.Context, id string) (Details, error) {
	op := "inspect container " + id
	api, err := c.use(ctx)
	if err != nil {
		return Details{}, c.fail(op, err)
	}
	r, err := api.ContainerInspect(ctx, id)
	if err == nil && (r.ContainerJSONBase == nil || r.State == nil || r.HostConfig == nil) {
		err = errors.New("the answer lacks the container's state")
	}
	if err != nil {
		return Details{}, c.fail(op, err)
	}
	d := Details{
		ID: r.ID, Name: strings.TrimPrefix(r.Name, "/"), State: state(r.State),
		RestartCount: r.RestartCount, RestartPolicy: string(r.HostConfig.RestartPolicy.Name), Networks: map[string]string{},
	}
	if r.NetworkSettings != nil {
		for name, n := range r.NetworkSettings.Networks {
			d.Networks[name] = n.IPAddress
		}
	}
	return d, nil
}

func state(s *container.State) State {
	out := State{
		Status: s.Status, Running: s.Running, Restarting: s.Restarting,
		OOMKilled: s.OOMKilled, ExitCode: s.ExitCode, Error: s.Error, StartedAt: moment(s.StartedAt),
	}
	if s.Health != nil {
		out.Health = &Health{Status: s.Health.Status}
		if n := len(s.Health.Log); n > 0 && s.Health.Log[n-1] != nil {
			out.Health.Output = s.Health.Log[n-1].Output
		}
	}
	return out
}

// moment is the zero time for what never happened (the engine says year 1) and
// for a text that is no time.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
