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
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Said is what one host said to a question, for printing.
type Said struct {
	Host, Role string
	Text       string
}

// ask runs a read-only line per host and gives what each printed, in order.
func (e *Engine) ask(ctx context.Context, name string, line func(host string) string) ([]Said, error) {
	if err := e.connect(ctx, e.Selection.AppHosts); err != nil {
		return nil, err
	}
	out := make([]Said, len(e.Selection.AppHosts))
	index := map[string]int{}
	for i, h := range e.Selection.AppHosts {
		index[h] = i
	}
	err := e.each(ctx, e.Selection.AppHosts, func(ctx context.Context, h Host) error {
		res, err := h.Run(ctx, run.Cmd{Name: name, Read: true, Line: line(h.Name())})
		out[index[h.Name()]] = Said{Host: h.Name(), Text: res.Stdout}
		return err
	})
	return out, err
}

// rolesOn gives the selected roles of a host.
func (e *Engine) rolesOn(host string) []*config.Role {
	var out []*config.Role
	for _, r := range e.Selection.Roles {
		if r.HasHost(host) {
			out = append(out, r)
		}
	}
	return out
}

// AppDetails lists the running containers of each role and host.
func (e *Engine) AppDetails(ctx context.Context) ([]Said, error) {
	return e.ask(ctx, "app details", func(host string) string {
		var lines []string
		for _, r := range e.rolesOn(host) {
			lines = append(lines, e.app().Role(r.Name).DetailsLine())
		}
		return strings.Join(lines, " && ")
	})
}

// AppContainers lists all containers of the app.
func (e *Engine) AppContainers(ctx context.Context) ([]Said, error) {
	return e.ask(ctx, "app containers", func(string) string { return e.app().ContainersLine() })
}

// AppImages lists the app's images.
func (e *Engine) AppImages(ctx context.Context) ([]Said, error) {
	return e.ask(ctx, "app images", func(string) string { return kamal.ImagesLine(e.Config.Repository()) })
}

// AppVersion gives the version that each host's first role serves.
func (e *Engine) AppVersion(ctx context.Context) ([]Said, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Said
	for _, name := range e.Selection.AppHosts {
		for _, r := range e.rolesOn(name)[:1] {
			v, _ := plan.Serving(e.Config, r, observed.State.Host(name))
			out = append(out, Said{Host: name, Role: r.Name, Text: v})
		}
	}
	return out, nil
}

// Deployed is one version on one host.
type Deployed struct {
	Version, Host, Role string
	When                time.Time // creation of the container
	State               string    // "live", "running", "stopped", or "image" without a container
}

// AppVersions lists what is deployed: version, when, where, live or stopped;
// the newest first.
func (e *Engine) AppVersions(ctx context.Context) ([]Deployed, error) {
	observed, err := e.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Deployed
	for _, name := range e.Selection.AppHosts {
		st := observed.State.Host(name)
		for _, r := range e.rolesOn(name) {
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

// LockStatus gives the deploy lock's text; false when it is free.
func (e *Engine) LockStatus(ctx context.Context) (string, bool, error) {
	h, err := e.primary(ctx)
	if err != nil {
		return "", false, err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "look at the lock", Read: true,
		Line: fmt.Sprintf("if [ -d %[1]s ]; then echo held; cat %[1]s/details 2>/dev/null; else echo free; fi", e.app().LockDir())})
	if err != nil {
		return "", false, err
	}
	word, details, _ := strings.Cut(res.Stdout, "\n")
	return kamal.DecodeLock(details).Text, word == "held", nil
}

// LockRelease removes the lock, whoever holds it, also one that was made only in
// part. False: there was none.
func (e *Engine) LockRelease(ctx context.Context) (bool, error) {
	h, err := e.primary(ctx)
	if err != nil {
		return false, err
	}
	res, err := h.Run(ctx, run.Cmd{Name: "release the lock",
		Line: fmt.Sprintf("if [ -d %[1]s ]; then rm -f %[1]s/details && rm -r %[1]s && echo released; fi", e.app().LockDir())})
	return strings.TrimSpace(res.Stdout) == "released", err
}

// LockAcquire takes the lock by hand, with a message.
func (e *Engine) LockAcquire(ctx context.Context, version, message string) error {
	h, err := e.primary(ctx)
	if err != nil {
		return err
	}
	info := kamal.LockInfo{By: e.Person.LockName, At: e.Now(), Version: version, Message: message}
	_, err = h.Run(ctx, run.Cmd{Name: "acquire the lock", Line: "mkdir -p .kamal && " + e.app().LockLine(kamal.EncodeLock(info))})
	if err == nil {
		return nil
	}
	if text, held, look := e.LockStatus(ctx); look == nil && held {
		l := kamal.Lock{Text: text}
		return &LockedError{Host: h.Name(), Dir: e.app().LockDir(), Lock: l, Manual: !l.Automatic()}
	}
	return err
}

func (e *Engine) primary(ctx context.Context) (Host, error) {
	if err := e.connect(ctx, []string{e.Selection.PrimaryHost}); err != nil {
		return nil, err
	}
	return e.host(e.Selection.PrimaryHost)
}
