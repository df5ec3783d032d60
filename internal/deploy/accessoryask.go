package deploy

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// AccessoryDetails shows an accessory's running container on each of its hosts.
func (e *Engine) AccessoryDetails(ctx context.Context, name string) ([]Said, error) {
	a, hosts, err := e.accessory(name)
	if err != nil {
		return nil, err
	}
	line := resolve.Accessory(e.Config, a).DetailsLine()
	return e.askOn(ctx, hosts, run.Cmd{Name: "accessory details", Read: true, Line: line}, nil)
}

// AccessoryLogs shows an accessory's log on each of its hosts. Following goes on
// until ctx ends.
func (e *Engine) AccessoryLogs(ctx context.Context, name string, s kamal.ContainerLogs, follow func(host string) io.Writer) ([]Said, error) {
	a, hosts, err := e.accessory(name)
	if err != nil {
		return nil, err
	}
	line := resolve.Accessory(e.Config, a).LogsLine(s)
	if !s.Follow {
		return e.askOn(ctx, hosts, run.Cmd{Name: "accessory logs", Read: true, Line: line}, nil)
	}
	if err := e.connect(ctx, hosts); err != nil {
		return nil, err
	}
	return nil, e.each(ctx, hosts, func(ctx context.Context, h Host) error {
		_, err := h.Run(ctx, run.Cmd{Name: "accessory logs", Read: true, Line: line, Stdout: follow(h.Name()), Stream: true})
		return err
	})
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
	return e.askOn(ctx, hosts, run.Cmd{Name: "accessory exec"}, func(host string) string {
		return audit + " && " + e.accessoryExec(a, host, "", cmd, reuse)
	})
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

// askOn runs a command, or a line per host, on each host and gives what each
// printed, in their order.
func (e *Engine) askOn(ctx context.Context, hosts []string, cmd run.Cmd, line func(host string) string) ([]Said, error) {
	if err := e.connect(ctx, hosts); err != nil {
		return nil, err
	}
	out := make([]Said, len(hosts))
	err := e.each(ctx, hosts, func(ctx context.Context, h Host) error {
		cmd := cmd
		if line != nil {
			cmd.Line = line(h.Name())
		}
		res, err := h.Run(ctx, cmd)
		out[slices.Index(hosts, h.Name())] = Said{Host: h.Name(), Text: res.Stdout}
		return err
	})
	return out, err
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
