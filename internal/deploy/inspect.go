package deploy

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// Inspected is what hosts show beyond what a rollout needs to know.
type Inspected struct {
	State plan.State
	Alive map[string]string // host → id of the run whose guard lives there
	Locks map[string]Lock   // host → the deploy lock that lies there
}

// Lock is a deploy lock as it was found.
type Lock struct {
	Text string `json:"text"`
	// Dead tells that a run of hwdeploy took it and is dead: `recover` frees it.
	Dead bool `json:"dead"`
}

// inspect observes hosts and asks, beside, for guards, locks and one-off
// containers. It changes nothing.
func (e *Engine) inspect(ctx context.Context, names []string) (*Inspected, error) {
	observed, err := e.observe(ctx, names)
	if err != nil {
		return nil, err
	}
	out := &Inspected{State: *observed, Alive: map[string]string{}, Locks: map[string]Lock{}}
	var mu sync.Mutex
	err = e.each(ctx, names, func(ctx context.Context, h Host) error {
		res, err := h.Run(ctx, run.Cmd{Name: "inspect the host", Line: e.inspectLine()})
		mu.Lock()
		defer mu.Unlock()
		out.read(h.Name(), res.Stdout)
		return err
	})
	return out, err
}

// inspectLine prints a line per fact; each begins with "@name ".
func (e *Engine) inspectLine() string {
	app := e.app()
	lock := run.Quote(app.LockDir())
	parts := []string{
		fmt.Sprintf(aliveLine, run.Quote(app.GuardDir())),
		fmt.Sprintf(`[ -d %[1]s ] && echo "@lock $(cat %[1]s/details 2>/dev/null | tr -d '\n')"`, lock),
		fmt.Sprintf(`[ -s %[2]s/lock ] && cmp -s %[1]s/details %[2]s/lock && echo "@ours"`, lock, run.Quote(app.GuardDir())),
		fmt.Sprintf(`docker ps --format '@oneoff {{.Names}}' | grep -E '^@oneoff %s-.*-exec-'`, app.Service),
	}
	return strings.Join(append(parts, "true"), "; ")
}

func (o *Inspected) read(host, text string) {
	var st *plan.HostState
	for i := range o.State.Hosts {
		if o.State.Hosts[i].Name == host {
			st = &o.State.Hosts[i]
		}
	}
	for l := range strings.Lines(text) {
		name, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch name {
		case "@alive":
			o.Alive[host] = rest
		case "@lock":
			o.Locks[host] = Lock{Text: kamal.DecodeLock(rest).Text}
		case "@ours":
			o.Locks[host] = Lock{Text: o.Locks[host].Text, Dead: o.Alive[host] == ""}
		case "@oneoff":
			st.OneOffs = append(st.OneOffs, rest)
		}
	}
}
