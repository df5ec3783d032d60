package deploy

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// AppDetails asks for the running containers of each role.
func (e *Engine) AppDetails() Question {
	line := func(format string) func(string) string {
		return func(host string) string {
			var lines []string
			for _, r := range e.Selection.RolesOn(host) {
				lines = append(lines, e.app().Role(r.Name).DetailsLine()+format)
			}
			return strings.Join(lines, " && ")
		}
	}
	return e.containerQuestion("app details", line(""), line(asJSON))
}

// AppContainers asks for all containers of the app.
func (e *Engine) AppContainers() Question {
	line := func(string) string { return e.app().ContainersLine() }
	return e.containerQuestion("app containers", line, func(string) string { return e.app().ContainersLine() + asJSON })
}

func (e *Engine) containerQuestion(name string, line, data func(string) string) Question {
	return Question{Name: name, Hosts: e.Selection.AppHosts, Line: line, DataLine: data, Facts: func(host, text string) ([]any, error) {
		list, err := readContainers(host, text)
		var out []any
		for _, c := range list {
			if c.Role != "" {
				c.Version = e.app().Role(c.Role).Version(c.Name)
			}
			out = append(out, c)
		}
		return out, err
	}}
}

// AppImages asks for the app's images.
func (e *Engine) AppImages() Question {
	line := kamal.ImagesLine(e.Config.Repository())
	return Question{
		Name: "app images", Hosts: e.Selection.AppHosts, Facts: readImages,
		Line: func(string) string { return line }, DataLine: func(string) string { return line + asJSON },
	}
}

// VersionFact is the version that a role serves on a host.
type VersionFact struct {
	Host    string `json:"host"`
	Role    string `json:"role"`
	Version string `json:"version"` // "nothing" where nothing serves
}

// AppVersion gives the version that each host's first role serves.
func (e *Engine) AppVersion(ctx context.Context) ([]Said, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Said
	for _, name := range e.Selection.AppHosts {
		for _, r := range e.Selection.RolesOn(name)[:1] {
			v, _ := plan.Serving(e.Config, r, observed.Host(name))
			out = append(out, Said{Host: name, Role: r.Name, Text: v, Facts: []any{VersionFact{name, r.Name, v}}})
		}
	}
	return out, nil
}

// StaleFact is a container that runs and does not serve.
type StaleFact struct {
	Host    string `json:"host"`
	Role    string `json:"role"`
	Version string `json:"version"`
	Name    string `json:"name"`
	ID      string `json:"id"`
}

// AppStale lists the containers that run and do not serve. What the proxy serves
// is never among them.
func (e *Engine) AppStale(ctx context.Context) ([]Said, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Said
	for _, name := range e.Selection.AppHosts {
		for _, r := range e.Selection.RolesOn(name) {
			for _, c := range plan.StaleOf(e.Config, r, observed.Host(name)) {
				out = append(out, Said{
					Host: name, Role: r.Name, Facts: []any{StaleFact{name, r.Name, c.Version, c.Name, c.ID}},
					Text: fmt.Sprintf("Detected stale container for role %s with version %s (use `hwdeploy app stale_containers --stop` to stop)", r.Name, c.Version),
				})
			}
		}
	}
	return out, nil
}

// Deployed is one version on one host.
type Deployed struct {
	Version string    `json:"version"`
	Host    string    `json:"host"`
	Role    string    `json:"role"`
	When    time.Time `json:"created"` // of the container
	State   string    `json:"state"`   // "live", "running" or "stopped"
}

// AppVersions lists what is deployed: version, when, where, live or stopped;
// the newest first.
func (e *Engine) AppVersions(ctx context.Context) ([]Deployed, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return nil, err
	}
	out := []Deployed{}
	for _, name := range e.Selection.AppHosts {
		st := observed.Host(name)
		for _, r := range e.Selection.RolesOn(name) {
			out = append(out, e.deployedOn(st, r)...)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].When.After(out[j].When) })
	return out, nil
}

func (e *Engine) deployedOn(st plan.HostState, r *config.Role) []Deployed {
	live, _ := plan.Serving(e.Config, r, st)
	names := e.app().Role(r.Name)
	var out []Deployed
	for _, c := range st.Containers {
		if c.Role != r.Name || c.Destination != e.Config.Destination {
			continue
		}
		d := Deployed{Version: names.Version(c.Name), Host: st.Name, Role: r.Name, When: time.Unix(c.Created, 0), State: "stopped"}
		switch {
		case d.Version == live && c.Running():
			d.State = "live"
		case c.Running():
			d.State = "running"
		}
		out = append(out, d)
	}
	return out
}
