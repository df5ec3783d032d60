package plan

import (
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
	"github.com/warmlyyours/hwdeploy/internal/resolve"
)

// words are the names of this plan's configuration and version.
type words struct {
	in  Input
	app kamal.App
}

func newWords(in Input) words { return words{in: in, app: resolve.App(in.Config)} }

func (w words) version() string { return w.in.Options.Version }

func (w words) prefix(role string) string { return w.app.Role(role).Prefix() }

func (w words) container(role string) string { return w.app.Role(role).Container(w.version()) }

func (w words) exec(role, hex6 string) string { return w.app.Role(role).Exec(w.version(), hex6) }

func (w words) envPath(role string) string { return w.app.EnvPath(role) }

func (w words) image() string { return resolve.Image(w.in.Config, w.version()) }

func (w words) latest() string { return resolve.Image(w.in.Config, w.in.Config.LatestTag()) }

func (w words) createLine(host string, role *config.Role) string {
	suffix := Nonce(w.in.Options.Run, 12, "hostname", host, role.Name)
	return resolve.Run(w.in.Config, role, host, w.version(), suffix).CreateLine()
}

// lineHash is that of the create line without its random host name: equal
// hashes make equal containers.
func (w words) lineHash(host string, role *config.Role) string {
	line := resolve.Run(w.in.Config, role, host, w.version(), "").CreateLine()
	return Nonce(line, 16, "line")
}

// serving is the container that serves a role on a host; nil = none.
func (w words) serving(host string, role *config.Role) *Container {
	service := ""
	if role.Proxied {
		service = w.prefix(role.Name)
	}
	return w.in.State.Host(host).serving(role.Name, w.in.Config.Destination, service, w.latest())
}

func (w words) ref(role *config.Role, c Container) Ref {
	return Ref{ID: c.ID, Name: c.Name, Version: w.app.Role(role.Name).Version(c.Name)}
}
