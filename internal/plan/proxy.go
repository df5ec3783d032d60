package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// ProxyBoot plans proxy boot: the network everywhere, the proxy where it is
// missing or stopped. One that is too old is an error.
func ProxyBoot(in Input) (Plan, error) {
	b := newCommand(in, "proxy boot")
	for _, host := range in.Selection.ProxyHosts {
		if p := in.State.Host(host).Proxy; p.Exists {
			if err := kamal.CheckProxyVersion(p.Version); err != nil {
				return Plan{}, fmt.Errorf("%s: %w", host, err)
			}
		}
	}
	b.proxies()
	b.nothing("kamal-proxy runs on every host")
	return b.plan, nil
}

// ProxyStart plans proxy start.
func ProxyStart(in Input) (Plan, error) {
	return onProxies(in, "proxy start", "Started proxy", kamal.ProxyStartLine), nil
}

// ProxyStop plans proxy stop.
func ProxyStop(in Input) (Plan, error) {
	return onProxies(in, "proxy stop", "Stopped proxy", kamal.ProxyStopLine), nil
}

// ProxyRemovePart plans one of the hidden parts of proxy remove: the stopped
// container, the image, or the folder.
func ProxyRemovePart(command string) Maker {
	return func(in Input) (Plan, error) {
		switch command {
		case "remove_container":
			return onProxies(in, "proxy "+command, "Removed proxy container", kamal.ProxyRemoveContainer), nil
		case "remove_image":
			return onProxies(in, "proxy "+command, "Removed proxy image", kamal.ProxyRemoveImage), nil
		default:
			return onProxies(in, "proxy "+command, "", kamal.ProxyRemoveDirLine+" 2>/dev/null || true"), nil
		}
	}
}

// onProxies plans a line on every host with a proxy; audit "" = it is not noted.
func onProxies(in Input, command, audit, line string) Plan {
	b := newCommand(in, command)
	for _, host := range in.Selection.ProxyHosts {
		s := Step{ID: host + "/proxy", Kind: Command, Host: host, Effect: Write, Line: line, Title: line}
		if audit != "" {
			s.Audit = []string{audit}
		}
		b.add(s)
	}
	b.nothing("no selected host has a proxy")
	return b.plan
}

// ProxyRestart plans proxy restart: what the proxy served it must serve again.
func ProxyRestart(in Input) (Plan, error) {
	b := newCommand(in, "proxy restart")
	for _, host := range in.Selection.ProxyHosts {
		b.restart(host, kamal.ProxyStopLine+" && "+kamal.ProxyStartLine, "stop and start kamal-proxy", "Stopped proxy", "Started proxy")
	}
	b.nothing("no selected host has a proxy")
	return b.plan, nil
}

// ProxyReboot plans proxy reboot: a new container on every host, on one after
// another when rolling. The image is there before the old container stops, and
// what the proxy served it must serve again.
func ProxyReboot(rolling bool) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, "proxy reboot")
		groups := [][]string{in.Selection.ProxyHosts}
		if rolling {
			groups = slices.Collect(slices.Chunk(in.Selection.ProxyHosts, 1))
		}
		for i, hosts := range groups {
			suffix := ""
			if rolling {
				suffix = fmt.Sprintf("/%d", i+1)
			}
			b.hook("pre-proxy-reboot"+suffix, "pre-proxy-reboot", hosts)
			var ids []string
			gate := b.gate
			for _, host := range hosts {
				b.gate = gate
				b.gate = []string{b.add(Step{
					ID: host + "/image", Kind: Pull, Host: host, Effect: Write, Title: "fetch the image of kamal-proxy, unless it is there",
				})}
				run := b.words.app.ProxyDirLine() + " && { " + resolve.ProxyRun(in.Config, host) + "; }"
				line := kamal.ProxyFetchLine(resolve.ProxyImage(in.Config, host)) + " && { " + kamal.ProxyDropLine + "; " + run + "; }"
				ids = append(ids, b.restart(host, line, "a new kamal-proxy in place of the old one", "Rebooted proxy"))
			}
			b.gate = ids
			b.hook("post-proxy-reboot"+suffix, "post-proxy-reboot", hosts)
		}
		b.nothing("no selected host has a proxy")
		return b.plan, nil
	}
}

// restart plans a line that restarts a host's proxy and the look at its routes
// afterwards. A path that a route names and that is gone would lose all routes:
// the line fails first.
func (b *builder) restart(host, line, title string, audit ...string) string {
	st := b.in.State.Host(host)
	id := b.add(Step{
		ID: host + "/proxy", Kind: Command, Host: host, Effect: Write, Audit: audit,
		Line: kamal.ProxyPathsLine + " && { " + line + "; }", Title: title,
	})
	var services []string
	for s := range st.Proxy.Services {
		services = append(services, s)
	}
	if len(services) == 0 {
		return id
	}
	slices.Sort(services)
	return b.add(Step{
		ID: host + "/routes", Kind: Routes, Host: host, Effect: Read, Routes: services, Needs: []string{id},
		Title: "kamal-proxy serves " + strings.Join(services, ", ") + " again",
	})
}

// ProxyRemove plans proxy remove. Apps that are installed on a host, or that its
// proxy serves, forbid it unless forced.
func ProxyRemove(force bool) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, "proxy remove")
		used := &ProxyInUseError{}
		for _, host := range in.Selection.ProxyHosts {
			st := in.State.Host(host)
			if len(st.Apps) > 0 || len(st.Proxy.Services) > 0 {
				used.Hosts = append(used.Hosts, host+": "+strings.Join(users(st), ", "))
			}
			b.dropProxy(host)
		}
		if len(used.Hosts) > 0 && !force {
			return Plan{}, used
		}
		b.nothing("no selected host has a proxy")
		return b.plan, nil
	}
}

// dropProxy plans the end of a host's proxy, its image and its files.
func (b *builder) dropProxy(host string) {
	stop := b.add(Step{
		ID: host + "/stop", Kind: Command, Host: host, Effect: Write, Audit: []string{"Stopped proxy"},
		Line: kamal.ProxyStopLine + " 2>/dev/null || true", Title: kamal.ProxyStopLine,
	})
	b.add(Step{
		ID: host + "/remove", Kind: Command, Host: host, Effect: Lasting, Needs: []string{stop},
		Audit: []string{"Removed proxy container", "Removed proxy image"}, Title: "remove kamal-proxy, its image and .kamal/proxy",
		Line: kamal.ProxyRemoveContainer + " && " + kamal.ProxyRemoveImage + " && { " + kamal.ProxyRemoveDirLine + " 2>/dev/null || true; }",
	})
}

func users(st HostState) []string {
	out := slices.Clone(st.Apps)
	for s := range st.Proxy.Services {
		out = append(out, s)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ProxyInUseError is a proxy that other apps need; nothing was removed.
type ProxyInUseError struct{ Hosts []string }

func (e *ProxyInUseError) Error() string {
	return "Not removing the proxy, as other apps are installed, ignore this check with hwdeploy proxy remove --force\n" + strings.Join(e.Hosts, "\n")
}

// ExitCode is 1: nothing was touched.
func (e *ProxyInUseError) ExitCode() int { return 1 }
