package deploy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/warmlyyours/hwdeploy/internal/docker"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/plan"
	"github.com/warmlyyours/hwdeploy/internal/run"
)

// observe asks every host, at the same time, in one exchange: one read-only
// shell line beside the engine's lists. It changes nothing.
func (e *Engine) observe(ctx context.Context, names []string) (*plan.State, error) {
	out := &plan.State{Hosts: make([]plan.HostState, len(names))}
	err := e.each(ctx, names, func(ctx context.Context, h Host) error {
		st, err := e.observeHost(ctx, h)
		if err != nil {
			return fmt.Errorf("observe %s: %w", h.Name(), err)
		}
		out.Hosts[slices.Index(names, h.Name())] = st
		return nil
	})
	return out, err
}

func (e *Engine) observeHost(ctx context.Context, h Host) (plan.HostState, error) {
	st := plan.HostState{Name: h.Name()}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		res, err := h.Run(ctx, run.Cmd{Name: "look at the host", Line: e.observeLine()})
		if err != nil {
			return err
		}
		readObservation(res.Stdout, &st)
		return nil
	})
	g.Go(func() error { return e.observeContainers(ctx, h.Docker(), &st) })
	g.Go(func() error { return e.observeImages(ctx, h.Docker(), &st) })
	g.Go(func() error { return e.observeAccessories(ctx, h, &st) })
	g.Go(func() error { return e.observeWorkers(ctx, h, &st) })
	err := g.Wait()
	return st, err
}

// observeLine prints a section per fact; each line begins with "@name ".
func (e *Engine) observeLine() string {
	app := e.app()
	compare := ":"
	if e.CompareEnv {
		compare = e.envLine()
	}
	return strings.Join([]string{
		compare,
		`echo "@free $(df -Pk . $(docker info -f '{{.DockerRootDir}}' 2>/dev/null) 2>/dev/null | awk 'NR>1 && (NR==2 || $4<m) {m=$4} END {print m}')"`,
		`docker network inspect kamal >/dev/null 2>&1 && echo "@network yes"`,
		`for f in .kamal/apps/*/; do [ -d "$f" ] && echo "@app $(basename "$f")"; done`,
		fmt.Sprintf(`for f in %s/env/roles/*.env; do [ -f "$f" ] && echo "@env $(basename "$f" .env) $(sha256sum < "$f" | cut -c1-64)"; done`, app.AppDir()),
		fmt.Sprintf(`for f in %s/booted-*; do [ -f "$f" ] && echo "@booted ${f##*/booted-} $(cat "$f")"; done`, app.GuardDir()),
		`echo "@proxyversion $(docker inspect kamal-proxy --format '{{.State.Running}} {{.Config.Image}}' 2>/dev/null)"`,
		`docker exec kamal-proxy kamal-proxy list 2>/dev/null | sed 's/^/@proxy /'`,
		`true`,
	}, "; ")
}

func readObservation(text string, st *plan.HostState) {
	var list []string
	st.EnvFiles, st.Booted = map[string]map[string]string{}, map[string]plan.Booted{}
	for _, line := range strings.Split(text, "\n") {
		name, rest, _ := strings.Cut(line, " ")
		switch name {
		case "@free":
			st.FreeKB, _ = strconv.ParseInt(rest, 10, 64) // 0 = not known
		case "@network":
			st.Network = true
		case "@app":
			st.Apps = append(st.Apps, rest)
		case "@env":
			role, sum, _ := strings.Cut(rest, " ")
			st.EnvFiles[role] = map[string]string{"": sum}
		case "@variable":
			readVariable(rest, st)
		case "@booted":
			if w := strings.Fields(rest); len(w) >= 3 { // the run that made it comes last
				st.Booted[w[0]] = plan.Booted{ID: w[1], LineHash: w[2]}
			}
		case "@proxyversion":
			readProxy(rest, &st.Proxy)
		case "@proxy":
			list = append(list, rest)
		}
	}
	st.Proxy.Services = map[string]string{}
	for _, s := range kamal.ParseProxyList(strings.Join(list, "\n")) {
		st.Proxy.Services[s.Service] = s.Target
	}
}

func readProxy(text string, p *plan.ProxyState) {
	running, image, ok := strings.Cut(text, " ")
	if !ok {
		return
	}
	p.Exists, p.Running = true, running == "true"
	p.Version = image[strings.LastIndex(image, ":")+1:]
}

func (e *Engine) observeContainers(ctx context.Context, d *docker.Client, st *plan.HostState) error {
	list, err := d.List(ctx, docker.ListOptions{All: true, Labels: []string{"service=" + e.Config.Service}})
	if err != nil {
		return err
	}
	for _, c := range list {
		st.Containers = append(st.Containers, seen(c))
	}
	return nil
}

func seen(c docker.Container) plan.Container {
	destination, has := c.Labels["destination"]
	return plan.Container{
		ID: c.ID, Name: c.Name, Image: c.Image, ImageID: c.ImageID, State: c.State,
		Role: c.Labels["role"], Destination: destination, HasDestination: has,
		Created: c.Created.Unix(),
	}
}

// observeAccessories lists the containers of the accessories of a host, if any
// belong there.
func (e *Engine) observeAccessories(ctx context.Context, h Host, st *plan.HostState) error {
	names := map[string]string{}
	for _, a := range e.Config.Accessories {
		if slices.Contains(a.Hosts, h.Name()) {
			names[a.Service] = a.Name
		}
	}
	if len(names) == 0 {
		return nil
	}
	list, err := h.Docker().List(ctx, docker.ListOptions{All: true, Labels: []string{"service"}})
	if err != nil {
		return err
	}
	st.Accessories = map[string][]plan.Container{}
	for _, c := range list {
		if name, ok := names[c.Labels["service"]]; ok {
			st.Accessories[name] = append(st.Accessories[name], seen(c))
		}
	}
	return nil
}

func (e *Engine) observeImages(ctx context.Context, d *docker.Client, st *plan.HostState) error {
	list, err := d.Images(ctx, docker.ImageListOptions{References: []string{e.Config.Repository()}})
	if err != nil {
		return err
	}
	for _, i := range list {
		st.Images = append(st.Images, plan.Image{ID: i.ID, Tags: i.Tags, Digests: digests(i.Digests), Service: i.Labels["service"]})
	}
	return nil
}

func digests(refs []string) []string {
	var out []string
	for _, r := range refs {
		if _, d, ok := strings.Cut(r, "@"); ok {
			out = append(out, d)
		}
	}
	return out
}
