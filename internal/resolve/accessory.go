package resolve

import (
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// Accessory names an accessory.
func Accessory(c *config.Config, a *config.Accessory) kamal.Accessory {
	return kamal.Accessory{App: App(c), Name: a.Name, Service: a.Service}
}

// AccessoryRun is an accessory's container on a host.
func AccessoryRun(c *config.Config, a *config.Accessory, host string) kamal.AccessorySpec {
	clear, _ := a.Env.Resolve()
	return kamal.AccessorySpec{
		Accessory: Accessory(c, a), Host: host, Restart: a.Restart, Network: a.Network, Log: logs(c.Logging),
		Publish: a.Port, Env: Pairs(clear), Volumes: accessoryVolumes(c, a), Labels: Pairs(a.Labels),
		Options: Pairs(a.Options), Image: a.Image, Cmd: a.Cmd.Value,
	}
}

// accessoryVolumes are the volumes, then the files, then the folders.
func accessoryVolumes(c *config.Config, a *config.Accessory) []string {
	names, out := Accessory(c, a), texts(a.Volumes)
	for _, m := range a.Files {
		out = append(out, names.FileVolume(m.Remote, m.Options))
	}
	for _, m := range a.Directories {
		out = append(out, names.DirVolume(m.Local, m.Remote, m.Options))
	}
	return out
}

// FileMode is the mode that an uploaded file gets.
func FileMode(m config.Mount) string {
	if m.Mode == "" {
		return "755"
	}
	return m.Mode
}

// AccessoryEnvFile is the content of an accessory's env file.
func AccessoryEnvFile(a *config.Accessory, lookup func(string) (string, error)) ([]byte, error) {
	_, refs := a.Env.Resolve()
	return envFile(refs, lookup)
}

// AccessoryProxyDeploy is what an accessory's container is given to the proxy
// with: the root's timeouts and error pages, else nothing of the root's proxy. A
// certificate of its own would lie where no role's does.
func AccessoryProxyDeploy(c *config.Config, a *config.Accessory, version, target string) kamal.ProxyDeploySpec {
	return kamal.ProxyDeploySpec{
		Service: a.Service, Target: target,
		Options: proxyOptions(c, a.Proxy, mounted+App(c).Full()+"/tls", version),
	}
}

// IsTemplate tells whether an accessory's file is rendered: its name ends in
// "erb", with or without a dot.
func IsTemplate(local string) bool { return strings.HasSuffix(local, "erb") }

// AccessoryEnviron is the environment that an accessory's templates see beside
// their own: its clear variables, then its secrets, KEY=VALUE.
func AccessoryEnviron(a *config.Accessory, lookup func(string) (string, error)) ([]string, error) {
	clear, refs := a.Env.Resolve()
	var out []string
	for _, p := range clear {
		out = append(out, p.Key+"="+p.Value.Text())
	}
	for _, r := range refs {
		v, err := lookup(r.Source)
		if err != nil {
			return nil, err
		}
		out = append(out, r.Name+"="+v)
	}
	return out, nil
}
