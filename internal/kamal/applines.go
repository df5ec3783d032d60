package kamal

import (
	"fmt"
	"strings"
)

// Filters select an app's containers; role "" selects all roles.
func (a App) Filters(role string) string {
	text := "--filter label=service=" + a.Service + " --filter label=destination=" + a.Destination
	if role != "" {
		text += " --filter label=role=" + role
	}
	return text
}

// DetailsLine lists a role's running containers.
func (r Role) DetailsLine() string { return "docker ps " + r.App.Filters(r.Name) }

// ContainersLine lists all containers of the app.
func (a App) ContainersLine() string {
	return "docker container ls --all --filter label=service=" + a.Service + " --filter label=destination=" + a.Destination
}

// ImagesLine lists the images of a repository.
func ImagesLine(repository string) string { return "docker image ls " + repository }

// CurrentIDLine gives the id of the serving container: the newest running one of
// the image tagged latest, else the newest running one.
func (r Role) CurrentIDLine(latest string) string {
	filters := r.App.Filters(r.Name) + " --filter status=running --filter status=restarting"
	return "sh -c 'docker ps --latest --quiet " + filters +
		` --filter ancestor=$(docker image ls --filter reference=` + latest + ` --format '\''{{.ID}}'\'') ; docker ps --latest --quiet ` + filters + "' | head -1"
}

// LogsSpec are the options of app logs.
type LogsSpec struct {
	ContainerID string // "" = the serving one
	Since       string
	Lines       int // 0 = all
	Grep        string
	GrepOptions string
	Timestamps  bool
	Follow      bool
}

// LogsLine shows a role's log.
func (r Role) LogsLine(latest string, s LogsSpec) string {
	source := r.CurrentIDLine(latest)
	if s.ContainerID != "" {
		source = "sh -c 'echo " + s.ContainerID + "'"
	}
	var b strings.Builder
	b.WriteString(source + " | xargs docker logs")
	if s.Timestamps {
		b.WriteString(" --timestamps")
	}
	if s.Since != "" {
		b.WriteString(" --since " + s.Since)
	}
	if s.Lines > 0 {
		fmt.Fprintf(&b, " --tail %d", s.Lines)
	}
	if s.Follow {
		b.WriteString(" --follow")
	}
	b.WriteString(" 2>&1")
	if s.Grep != "" {
		quote := "'" + s.Grep + "'"
		if s.Follow {
			quote = `"` + s.Grep + `"`
		}
		b.WriteString(" | grep " + lineBuffered(s.Follow) + quote)
		if s.GrepOptions != "" {
			b.WriteString(" " + s.GrepOptions)
		}
	}
	return b.String()
}

// ExecReuseLine runs a command in a container that is there; tty is "-it", "-i"
// or "".
func ExecReuseLine(container, tty, cmd string, env []Pair) string {
	words := []string{"docker", "exec"}
	if tty != "" {
		words = append(words, tty)
	}
	words = append(words, Argumentize("--env", env)...)
	return line(words, []string{container, cmd})
}
