package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Check is one thing that a deploy needs, and whether it is there.
type Check struct {
	Host   string `json:"host,omitempty"` // empty = this machine
	Name   string `json:"name"`           // "ssh", "engine", "disk" …
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Try    string `json:"try,omitempty"`
	code   int    // exit code that the problem has by itself
}

// Reacher is a Builder that can be asked whether it is there.
type Reacher interface {
	Reach(ctx context.Context) (what string, err error)
}

// Doctor checks, without changing anything, what a deploy needs: secrets, every
// host with its engine, disk, proxy and tools, the registry's credentials and
// the builder. All checks run, whatever the first ones say.
func (e *Engine) Doctor(ctx context.Context) []Check {
	var wg sync.WaitGroup
	var here, registry, builder []Check
	hosts := make([][]Check, len(e.lockHosts()))
	here = e.checkHere(ctx) // first: asking for secrets may ask a person
	for i, name := range e.lockHosts() {
		wg.Go(func() { hosts[i] = e.checkHost(ctx, name) })
	}
	wg.Go(func() { registry = []Check{e.checkRegistry(ctx)} })
	wg.Go(func() { builder = e.checkBuilder(ctx) })
	wg.Wait()
	return slices.Concat(here, registry, builder, slices.Concat(hosts...))
}

// problem is a failed check. The error's further lines and its hints become what
// to try.
func problem(host, name string, err error, code int) Check {
	detail, rest, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	var try []string
	for l := range strings.Lines(rest) {
		try = append(try, strings.TrimSpace(l))
	}
	var hinted interface{ Hints() []string }
	if errors.As(err, &hinted) {
		try = append(try, hinted.Hints()...)
	}
	return Check{Host: host, Name: name, Detail: detail, Try: strings.Join(try, "; "), code: code}
}

func good(host, name, detail string) Check {
	return Check{Host: host, Name: name, OK: true, Detail: detail}
}

func (e *Engine) checkHere(ctx context.Context) []Check {
	var out []Check
	all, err := e.Secrets.All(ctx)
	missing := e.missingSecrets(ctx, Request{Flow: true})
	switch {
	case err != nil:
		out = append(out, problem("", "secrets", err, 3))
	case len(missing) > 0:
		for _, m := range missing {
			out = append(out, problem("", "secrets", errors.New(m), 3))
		}
	default:
		out = append(out, good("", "secrets", fmt.Sprintf("%d resolved", len(all))))
	}
	if err := e.lacksErrorPages(); err != nil {
		out = append(out, problem("", "error pages", err, 3))
	}
	return append(out, e.checkExtras(ctx)...)
}

// checkExtras looks at what only the flow needs: the keys of the bucket, the
// token and the files of the edge.
func (e *Engine) checkExtras(ctx context.Context) []Check {
	var out []Check
	if e.Assets != nil {
		if _, err := e.Assets.Open(ctx); err != nil {
			out = append(out, problem("", "assets", err, 3))
		}
	}
	c := e.Config.Extension.Edge
	if c == nil || e.Edge == nil {
		return out
	}
	if err := e.Edge.Check(ctx, Extras{Worker: c.Worker != "", Redirects: c.Redirects != nil}); err != nil {
		for mistake := range strings.Lines(err.Error()) {
			out = append(out, problem("", "edge", errors.New(mistake), 3))
		}
	}
	return out
}

func (e *Engine) checkRegistry(ctx context.Context) Check {
	server := e.Config.Registry.Server
	if server == "" {
		server = "Docker Hub"
	}
	if err := e.Registry.Login(ctx); err != nil {
		return problem("", "registry", err, 4)
	}
	return good("", "registry", server+" takes the credentials")
}

func (e *Engine) checkBuilder(ctx context.Context) []Check {
	b, ok := e.Builder.(Reacher)
	if !ok {
		return nil
	}
	what, err := b.Reach(ctx)
	if err != nil {
		return []Check{problem("", "builder", err, 4)}
	}
	return []Check{good("", "builder", what)}
}

func (e *Engine) checkHost(ctx context.Context, name string) []Check {
	h, err := e.Dial(ctx, name)
	if err != nil {
		return []Check{problem(name, "ssh", err, 4)}
	}
	defer h.Close() //nolint:errcheck // nothing was done
	out := []Check{good(name, "ssh", "connected, host key known")}
	v, err := h.Docker().Ping(ctx)
	if err != nil {
		return append(out, problem(name, "engine", err, 4))
	}
	out = append(out, good(name, "engine", v.Version))
	st, err := e.observeHost(ctx, h)
	if err != nil {
		return append(out, problem(name, "host", err, 1))
	}
	out = append(out, checkDisk(st), e.checkProxy(st))
	res, err := h.Run(ctx, run.Cmd{Name: "inspect the host", Line: e.inspectLine() + "; command -v flock >/dev/null && command -v timeout >/dev/null && command -v cmp >/dev/null && echo @tools; true"})
	if err != nil {
		return append(out, problem(name, "host", err, 1))
	}
	return append(out, e.checkInside(name, st, res.Stdout)...)
}

func checkDisk(st plan.HostState) Check {
	free := fmt.Sprintf("%d MB free", st.FreeKB/1024)
	if st.FreeKB > 0 && st.FreeKB < minFreeKB {
		return problem(st.Name, "disk", fmt.Errorf("only %s\nremove what is old: `hwdeploy prune all`, or docker system prune there", free), 1)
	}
	return good(st.Name, "disk", free)
}

func (e *Engine) checkProxy(st plan.HostState) Check {
	if !slices.Contains(e.Selection.ProxyHosts, st.Name) {
		return good(st.Name, "proxy", "not needed here")
	}
	if !st.Proxy.Exists {
		return good(st.Name, "proxy", "not there yet: the first deploy runs it")
	}
	if err := kamal.CheckProxyVersion(st.Proxy.Version); err != nil {
		return problem(st.Name, "proxy", fmt.Errorf("%w\n`hwdeploy proxy reboot` brings a newer one, with a short outage", err), 1)
	}
	if !st.Proxy.Running {
		return problem(st.Name, "proxy", errors.New("kamal-proxy is stopped\nthe next deploy starts it"), 1)
	}
	return good(st.Name, "proxy", st.Proxy.Version)
}

// checkInside reads what inspectLine printed: the guard's tools, the lock, and
// workers that cannot be told to be quiet.
func (e *Engine) checkInside(name string, st plan.HostState, text string) []Check {
	seen := &Inspected{State: plan.State{Hosts: []plan.HostState{st}}, Alive: map[string]string{}, Locks: map[string]Lock{}}
	seen.read(name, text)
	st = seen.State.Host(name)
	tools := good(name, "tools", "flock, timeout and cmp are there")
	if !strings.Contains(text, "@tools") {
		tools = problem(name, "tools", errors.New("flock, timeout or cmp is missing\ninstall util-linux, coreutils and diffutils (or busybox)"), 1)
	}
	out := []Check{tools}
	if l, ok := seen.Locks[name]; ok && l.Dead {
		out = append(out, problem(name, "lock", errors.New("the deploy lock is a dead run's\n`hwdeploy recover` frees it"), 6))
	}
	for _, c := range e.liveWorkers(st) {
		switch {
		case slices.Contains(st.Mute, c.ID):
			out = append(out, problem(name, "quiet", muteWorker(c), 1))
		case !slices.Contains(st.Quiet, c.ID) && !slices.Contains(st.Fetching, c.ID):
			out = append(out, problem(name, "quiet", fmt.Errorf("%s does not answer: it cannot be told to be quiet\n`hwdeploy app logs` shows what it does", c.Name), 1))
		}
	}
	return out
}

// DoctorError is what a deploy would fail at.
type DoctorError struct{ Problems []Check }

func (e *DoctorError) Error() string {
	if len(e.Problems) == 1 {
		return "1 problem"
	}
	return fmt.Sprintf("%d problems", len(e.Problems))
}

// ExitCode is that of the first problem.
func (e *DoctorError) ExitCode() int { return e.Problems[0].code }

// Diagnosis is nil when all checks are well, else a *DoctorError.
func Diagnosis(all []Check) error {
	bad := slices.DeleteFunc(slices.Clone(all), func(c Check) bool { return c.OK })
	if len(bad) == 0 {
		return nil
	}
	return &DoctorError{Problems: bad}
}
