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
// docker group, the installation, whether it is in the group, and joining it.
const (
	MayInstallLine    = `[ "${EUID:-$(id -u)}" -eq 0 ] || sudo -nl usermod >/dev/null`
	InstallDockerLine = `sh -c 'curl -fsSL https://get.docker.com || wget -O - https://get.docker.com || echo "exit 1"' | sh`
	IsRootLine        = `[ "${EUID:-$(id -u)}" -eq 0 ]`
	InDockerGroupLine = `id -nG "${USER:-$(id -un)}" | grep -qw docker`
	JoinDockerLine    = `sudo -n usermod -aG docker "${USER:-$(id -un)}"`
)

// LoginShown is Kamal's login of the host's docker, as it is printed; server "" is
// Docker Hub.
func LoginShown(server string) string {
	return login(server, "-u", "[REDACTED]", "-p", "[REDACTED]")
}

// LoginStdinLine is the login with the password on its input, so that no process
// shows it.
func LoginStdinLine(server, user string) string {
	return login(server, "-u", Quote(user), "--password-stdin")
}

func login(server string, options ...string) string {
	words := []string{"docker", "login"}
	if server != "" {
		words = append(words, server)
	}
	return line(words, options)
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
