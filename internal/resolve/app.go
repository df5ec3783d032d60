package resolve

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// App names the service and its destination.
func App(c *config.Config) kamal.App {
	return kamal.App{Service: c.Service, Destination: c.Destination}
}

// Image is REPO:V.
func Image(c *config.Config, version string) string { return c.Repository() + ":" + version }

// Latest is the image of the last version that booted well.
func Latest(c *config.Config) string { return Image(c, c.LatestTag()) }

// StopTimeout is how long a role's containers may take to stop, in seconds: the
// role's own, the root's, or what Kamal falls back to, which is docker's default
// (nil: ten seconds) behind the proxy and the drain timeout elsewhere.
func StopTimeout(c *config.Config, role *config.Role) *int {
	own := cmp.Or(role.StopTimeout, c.StopTimeout)
	if own == nil && !role.Proxied {
		return &c.DrainTimeout
	}
	return own
}

// StopArgs are the arguments of docker stop for a role.
func StopArgs(c *config.Config, role *config.Role) []string {
	seconds := StopTimeout(c, role)
	if seconds == nil {
		return nil
	}
	return []string{"-t", strconv.Itoa(*seconds)}
}

// Run is a role's container on a host; hex12 makes its host name.
func Run(c *config.Config, role *config.Role, host, version, hex12 string) kamal.RunSpec {
	clear, _ := c.EnvFor(role, host)
	return kamal.RunSpec{
		Role: App(c).Role(role.Name), Version: version, Host: host, Hostname: kamal.Hostname(host, hex12),
		Restart: role.Restart, Env: Pairs(clear), Log: logs(role.Logging), Volumes: texts(c.Volumes),
		AssetPath: role.AssetPath, Labels: Pairs(append(append([]config.Pair{}, c.Labels...), role.Labels...)),
		Options: Pairs(role.Options), Image: Image(c, version), Cmd: role.Cmd.Value,
	}
}

// Exec is a one-off container of a role, as `app exec` makes it: without labels
// of its own and without the automatic variables.
func Exec(c *config.Config, role *config.Role, host, version, name, cmd string) kamal.ExecSpec {
	clear, _ := c.EnvFor(role, host)
	return kamal.ExecSpec{
		Mode: "--rm", Name: name, Env: Pairs(clear), EnvFile: App(c).EnvPath(role.Name), Log: logs(role.Logging),
		Volumes: texts(c.Volumes), Options: Pairs(role.Options), Image: Image(c, version), Cmd: cmd,
	}
}

// EnvFile is the content of a role's env file on a host. lookup gives the value
// of a secret's name.
func EnvFile(c *config.Config, role *config.Role, host string, lookup func(string) (string, error)) ([]byte, error) {
	_, refs := c.EnvFor(role, host)
	return envFile(refs, lookup)
}

func envFile(refs []config.SecretRef, lookup func(string) (string, error)) ([]byte, error) {
	var vars []kamal.EnvVar
	for _, r := range refs {
		v, err := lookup(r.Source)
		if err != nil {
			return nil, err
		}
		vars = append(vars, kamal.EnvVar{Name: r.Name, Value: v})
	}
	return kamal.EnvFile(vars), nil
}

// AssetLines extract a version's assets and bridge them with those of the
// version that serves (old, "" = none).
func AssetLines(c *config.Config, role *config.Role, version, old string) string {
	path, _, _ := strings.Cut(role.AssetPath, ":")
	r := App(c).Role(role.Name)
	return "{ " + r.AssetExtractLine(version, path, Image(c, version)) + "; } && { " + r.AssetSyncLine(version, old) + "; }"
}

// EnvArgs are the clear variables of a role on a host, and its env file.
func EnvArgs(c *config.Config, role *config.Role, host string) []string {
	clear, _ := c.EnvFor(role, host)
	return kamal.EnvArgs(Pairs(clear), App(c).EnvPath(role.Name))
}

// LogArgs are the words of a logging section.
func LogArgs(l config.Logging) []string { return logs(l).Args() }

// BootLimit is how many hosts boot at once, as Kamal counts: a percentage is of
// all hosts, accessories included, rounded down, at least one. "null" = all; what
// is no positive number is given as it is written.
func BootLimit(c *config.Config) string {
	limit := c.Raw.Get("boot").Get("limit")
	text, percent := strings.CutSuffix(limit.Text(), "%")
	if !percent {
		return limit.JSON()
	}
	digits := strings.TrimLeft(text, " ")
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(digits[:end])
	if err != nil {
		n = 0
	}
	return strconv.Itoa(max(1, len(c.AllHosts())*n/100))
}
