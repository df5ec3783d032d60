package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// AccessoryDetails asks for an accessory's running container on each of its hosts.
func (e *Engine) AccessoryDetails(name string) (Question, error) {
	a, hosts, err := e.accessory(name)
	if err != nil {
		return Question{}, err
	}
	line := resolve.Accessory(e.Config, a).DetailsLine()
	q := e.containerQuestion("accessory details", func(string) string { return line }, func(string) string { return line + asJSON })
	q.Hosts = hosts
	return q, nil
}

// AccessoryLogs are those of an accessory on each of its hosts.
func (e *Engine) AccessoryLogs(name string, s kamal.ContainerLogs) ([]LogSource, error) {
	a, hosts, err := e.accessory(name)
	var out []LogSource
	for _, host := range hosts {
		out = append(out, LogSource{Host: host, line: resolve.Accessory(e.Config, a).LogsLine(s), grep: s.Grep != ""})
	}
	return out, err
}

// AccessoryExec runs a command in a new container of an accessory on each of its
// hosts, or with reuse in the one that runs.
func (e *Engine) AccessoryExec(ctx context.Context, name, cmd string, reuse bool) ([]Said, error) {
	a, hosts, err := e.accessory(name)
	if err != nil {
		return nil, err
	}
	if err := e.connect(ctx, hosts); err != nil {
		return nil, err
	}
	if !reuse {
		if err := e.each(ctx, hosts, func(ctx context.Context, h Host) error { return e.ensureAccessory(ctx, h, a) }); err != nil {
			return nil, err
		}
	}
	audit := e.auditLine("", fmt.Sprintf("Executed cmd '%s' on %s accessory", cmd, name))
	return e.runOn(ctx, "accessory exec", hosts, func(host string) string { return audit + " && " + e.accessoryExec(a, host, "", cmd, reuse) })
}

func (e *Engine) accessoryExec(a *config.Accessory, host, tty, cmd string, reuse bool) string {
	if reuse {
		return resolve.Accessory(e.Config, a).ExecReuseLine(tty, cmd)
	}
	return resolve.AccessoryRun(e.Config, a, host).ExecLine(tty, cmd)
}

// AccessoryInteractive is the line of an interactive command on the first of an
// accessory's selected hosts, which it gives too.
func (e *Engine) AccessoryInteractive(ctx context.Context, name, tty, cmd string, reuse bool) (Host, string, error) {
	a, hosts, err := e.accessory(name)
	if err != nil {
		return nil, "", err
	}
	if err := e.connect(ctx, hosts[:1]); err != nil {
		return nil, "", err
	}
	h, err := e.host(hosts[0])
	if err == nil && !reuse {
		err = e.ensureAccessory(ctx, h, a)
	}
	return h, e.accessoryExec(a, hosts[0], tty, cmd, reuse), err
}

func (e *Engine) accessory(name string) (*config.Accessory, []string, error) {
	list, hosts, err := e.accessories([]string{name})
	if err != nil {
		return nil, nil, err
	}
	return list[0], hosts, nil
}

// ServerExec runs a line on every selected host itself.
func (e *Engine) ServerExec(ctx context.Context, line string) ([]Said, error) {
	if err := e.connect(ctx, e.Selection.Hosts); err != nil {
		return nil, err
	}
	return e.runOn(ctx, "server exec", e.Selection.Hosts, func(host string) string {
		return e.auditLine("", fmt.Sprintf("Executed cmd '%s' on %s", line, host)) + " && " + line
	})
}

// ServerInteractive is the host that an interactive command runs on: the primary.
func (e *Engine) ServerInteractive(ctx context.Context) (Host, error) { return e.primary(ctx) }

// runOn runs a line of the user's on connected hosts at once, and gives what it
// printed there, also where it failed, in the order of the hosts.
func (e *Engine) runOn(ctx context.Context, name string, hosts []string, line func(host string) string) ([]Said, error) {
	out, errs := make([]Said, len(hosts)), make([]error, len(hosts))
	var wg sync.WaitGroup
	for i, host := range hosts {
		wg.Go(func() {
			h, err := e.host(host)
			if err != nil {
				errs[i] = err
				return
			}
			res, err := h.Run(ctx, run.Cmd{Name: name, Line: line(host)})
			out[i] = Said{Host: host, Text: res.Stdout, Stderr: res.Stderr}
			var exit *run.ExitError
			if errors.As(err, &exit) {
				out[i].Text, out[i].Stderr = exit.Stdout, exit.Stderr
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// AccessoriesHere are the accessories that run on a selected host.
func (e *Engine) AccessoriesHere() []string {
	var out []string
	for _, a := range e.Config.Accessories {
		if len(plan.AccessoryHosts(e.Selection, a)) > 0 {
			out = append(out, a.Name)
		}
	}
	return out
}
