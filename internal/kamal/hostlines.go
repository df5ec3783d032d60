package kamal

import "fmt"

// RunDir holds all that Kamal keeps on a host; RunDirLine makes it.
const (
	RunDir     = ".kamal"
	RunDirLine = "mkdir -p " + RunDir
)

// NetworkLine makes the network of apps and proxy; it fails where there is one.
const NetworkLine = "docker network create kamal"

// DockerVersionLine fails where there is no docker.
const DockerVersionLine = "docker -v"

// MirrorLine gives the engine's first registry mirror; it fails without one.
const MirrorLine = "docker info --format '{{index .RegistryConfig.Mirrors 0}}'"

// The lines of a host's first set-up: whether the user may add itself to the
// docker group, the installation, whether it is in the group, joining it, and
// ending the session so that the group counts.
const (
	MayInstallLine    = `[ "${EUID:-$(id -u)}" -eq 0 ] || sudo -nl usermod >/dev/null`
	InstallDockerLine = `sh -c 'curl -fsSL https://get.docker.com || wget -O - https://get.docker.com || echo "exit 1"' | sh`
	IsRootLine        = `[ "${EUID:-$(id -u)}" -eq 0 ]`
	InDockerGroupLine = `id -nG "${USER:-$(id -un)}" | grep -qw docker`
	JoinDockerLine    = `sudo -n usermod -aG docker "${USER:-$(id -un)}"`
	RefreshGroupLine  = "kill -HUP $PPID"
)

// LoginLine logs the host's docker in; server "" is Docker Hub. It holds the
// password: see LoginShown for what may be printed.
func LoginLine(server, user, password string) string {
	return login(server, Quote(user), Quote(password))
}

// LoginShown is LoginLine as Kamal prints it.
func LoginShown(server string) string { return login(server, "[REDACTED]", "[REDACTED]") }

// LoginStdinLine is LoginLine with the password on its input, so that no process
// shows it.
func LoginStdinLine(server, user string) string {
	words := []string{"docker", "login"}
	if server != "" {
		words = append(words, server)
	}
	return line(words, []string{"-u", Quote(user), "--password-stdin"})
}

func login(server, user, password string) string {
	words := []string{"docker", "login"}
	if server != "" {
		words = append(words, server)
	}
	return line(words, []string{"-u", user, "-p", password})
}

// LogoutLine takes the login back.
func LogoutLine(server string) string {
	if server == "" {
		return "docker logout"
	}
	return "docker logout " + server
}

// The lines about an image REPO:V.

// RemoveImageLine takes a tag away, and the image with its last one.
func RemoveImageLine(image string) string { return "docker image rm --force " + image }

// PullLine fetches an image.
func PullLine(image string) string { return "docker pull " + image }

// ValidateLine fails unless the image has the service's label.
func (a App) ValidateLine(image string) string {
	return "docker inspect -f '{{ .Config.Labels.service }}' " + image + " | grep -x " + a.Service +
		` || (echo "Image ` + image + ` is missing the 'service' label" && exit 1)`
}

// TagLine gives an image the tag that names the last good version.
func TagLine(image, latest string) string { return "docker tag " + image + " " + latest }

// AuditTailLine shows the end of the audit log.
func (a App) AuditTailLine() string { return "tail -n 50 " + a.AuditLog() }

// PruneContainersLine removes the service's stopped containers but the newest.
func (a App) PruneContainersLine(keep int) string {
	return fmt.Sprintf("docker ps -q -a --filter label=service=%s --filter status=created --filter status=exited --filter status=dead"+
		" | tail -n +%d | while read container_id; do docker rm $container_id; done", a.Service, keep+1)
}

// PruneDanglingLine removes the service's images without a tag.
func (a App) PruneDanglingLine() string {
	return "docker image prune --force --filter label=service=" + a.Service
}

// PruneTagsLine removes the tags of the service's images that no container uses,
// but the one of LatestTag.
func (a App) PruneTagsLine(repository string) string {
	return "docker image ls --filter label=service=" + a.Service + " --format '{{.ID}} {{.Repository}}:{{.Tag}}'" +
		` | grep -v -w "$(docker container ls -a --format '{{.Image}}\|' --filter label=service=` + a.Service + ` | tr -d '\n')` +
		repository + ":" + a.LatestTag() + `\|` + repository + `:<none>" | while read image tag; do docker rmi $tag; done`
}
