package docker

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
)

// Details is what Inspect tells about one container. Env holds secrets: it is
// for comparison, never for printing.
type Details struct {
	ID      string
	Name    string
	ImageID string // "sha256:…"
	Created time.Time
	State   State
	// RestartCount counts the restarts by policy since the last start by hand.
	RestartCount int
	// RestartPolicy is "no", "always", "unless-stopped" or "on-failure".
	RestartPolicy string
	Config        Config
	Mounts        []Mount
	Networks      map[string]string // name → address
}

// State is how the main process does.
type State struct {
	Status     string // as Container.State
	Running    bool
	Paused     bool
	Restarting bool
	OOMKilled  bool
	Pid        int
	ExitCode   int
	Error      string // why it could not start
	StartedAt  time.Time
	FinishedAt time.Time
	// Health is nil without a health check.
	Health *Health
}

// Health is the state of the image's own health check.
type Health struct {
	Status string // "starting", "healthy", "unhealthy"
	Fails  int    // in a row
	Output string // of the last check
}

// Config is what the container was created with.
type Config struct {
	Image       string // the reference it was created from
	Hostname    string
	User        string
	Env         []string
	Cmd         []string
	Entrypoint  []string
	WorkingDir  string
	Labels      map[string]string
	StopSignal  string
	StopTimeout *int // seconds; nil = the engine's default
	TTY         bool
	Binds       []string
	NetworkMode string
	LogDriver   string
	LogOptions  map[string]string
}

// Inspect gives the details of the container with that id or name.
func (c *Client) Inspect(ctx context.Context, id string) (Details, error) {
	op := "inspect container " + id
	api, err := c.use(ctx)
	if err != nil {
		return Details{}, c.fail(op, err)
	}
	r, err := api.ContainerInspect(ctx, id)
	if err == nil && (r.ContainerJSONBase == nil || r.State == nil || r.Config == nil || r.HostConfig == nil) {
		err = errors.New("the answer lacks the container's state")
	}
	if err != nil {
		return Details{}, c.fail(op, err)
	}
	d := Details{
		ID: r.ID, Name: strings.TrimPrefix(r.Name, "/"), ImageID: r.Image, Created: moment(r.Created),
		State: state(r.State), RestartCount: r.RestartCount, RestartPolicy: string(r.HostConfig.RestartPolicy.Name),
		Config: settings(r.Config, r.HostConfig), Mounts: mounts(r.Mounts), Networks: map[string]string{},
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
		Status: s.Status, Running: s.Running, Paused: s.Paused, Restarting: s.Restarting,
		OOMKilled: s.OOMKilled, Pid: s.Pid, ExitCode: s.ExitCode, Error: s.Error,
		StartedAt: moment(s.StartedAt), FinishedAt: moment(s.FinishedAt),
	}
	if s.Health != nil {
		out.Health = &Health{Status: s.Health.Status, Fails: s.Health.FailingStreak}
		if n := len(s.Health.Log); n > 0 && s.Health.Log[n-1] != nil {
			out.Health.Output = s.Health.Log[n-1].Output
		}
	}
	return out
}

func settings(c *container.Config, h *container.HostConfig) Config {
	return Config{
		Image: c.Image, Hostname: c.Hostname, User: c.User, Env: c.Env, Cmd: c.Cmd, Entrypoint: c.Entrypoint,
		WorkingDir: c.WorkingDir, Labels: c.Labels, StopSignal: c.StopSignal, StopTimeout: c.StopTimeout, TTY: c.Tty,
		Binds: h.Binds, NetworkMode: string(h.NetworkMode), LogDriver: h.LogConfig.Type, LogOptions: h.LogConfig.Config,
	}
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
