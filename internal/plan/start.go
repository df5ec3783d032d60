package plan

import (
	"fmt"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

// AppStart plans app start: the containers of a version start as they are and are
// given to the proxy again. Without a version each role starts what it served
// last; Kamal takes the checkout's commit, which need not be what was stopped.
func AppStart(version string) Maker {
	return func(in Input) (Plan, error) {
		b := newCommand(in, "app start")
		var missing []string
		for _, host := range in.Selection.AppHosts {
			for _, role := range b.in.Selection.RolesOn(host) {
				c := b.startable(host, role, version)
				if c == nil {
					missing = append(missing, role.Name+" on "+host)
					continue
				}
				b.start(host, role, *c)
			}
		}
		if len(missing) > 0 {
			return Plan{}, &NoContainerError{Version: version, Missing: missing, Available: Versions(in)}
		}
		return b.plan, nil
	}
}

// startable is the container to start: that of the version, else what serves,
// else the newest one of the image tagged latest, else the newest.
func (b *builder) startable(host string, role *config.Role, version string) *Container {
	st := b.in.State.Host(host)
	if version != "" {
		return st.named(b.words.app.Role(role.Name).Container(version))
	}
	if c := b.words.serving(host, role); c != nil {
		return c
	}
	all, latest := st.role(role.Name, b.in.Config.Destination), st.imageTagged(b.words.latest())
	var newest *Container
	for i, c := range all {
		if strings.Contains(c.Name, "_replaced_") {
			continue
		}
		if latest != "" && c.ImageID == latest {
			return &all[i]
		}
		if newest == nil {
			newest = &all[i]
		}
	}
	return newest
}

func (b *builder) start(host string, role *config.Role, c Container) {
	of := *b // the words of this container's version
	of.in.Options.Version, of.in.Options.Restart = b.words.ref(role, c).Version, true
	of.words = newWords(of.in)
	boot := of.describe(host, role)
	if boot.Old != nil && boot.Old.ID == c.ID {
		boot.Old = nil
	}
	at := host + "/" + role.Name
	b.add(Step{
		ID: at + "/start", Kind: Start, Host: host, Role: role.Name, Effect: Write, Boot: boot,
		Title: "start " + c.Name + " as it is", Undo: "`hwdeploy app stop`", Audit: []string{"Started app version " + boot.Version},
	})
	served := b.serve(at, host, role, boot, at+"/start")
	if boot.Old != nil {
		b.add(Step{
			ID: at + "/stop-old", Kind: StopOld, Host: host, Role: role.Name, Effect: Write, Boot: boot,
			Needs: []string{served}, Title: "stop " + boot.Old.Name, Undo: "start it again",
		})
	}
}

// NoContainerError is a version, or any version ("" ), without a container to
// start.
type NoContainerError struct {
	Version   string
	Missing   []string
	Available []string
}

func (e *NoContainerError) Error() string {
	what := "no container of the app"
	if e.Version != "" {
		what = fmt.Sprintf("no container of version %s", e.Version)
	}
	text := fmt.Sprintf("there is %s to start: %s", what, strings.Join(e.Missing, ", "))
	if len(e.Available) > 0 {
		text += "\navailable: " + strings.Join(e.Available, ", ")
	}
	return text
}

// ExitCode is 1: nothing was touched.
func (e *NoContainerError) ExitCode() int { return 1 }

// Hints say what to try.
func (e *NoContainerError) Hints() []string {
	return []string{"`hwdeploy app versions` lists what is deployed where", "`hwdeploy app boot --version V` makes a new container of an image"}
}
