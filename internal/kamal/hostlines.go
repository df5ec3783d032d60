package kamal

// RunDir holds all that Kamal keeps on a host.
const RunDir = ".kamal"

// DockerVersionLine fails where there is no docker.
const DockerVersionLine = "docker -v"

// The lines of a host's first set-up: whether the user may add itself to the
// docker group, the installation, whether it is in the group, and joining it.
const (
	MayInstallLine    = `[ "${EUID:-$(id -u)}" -eq 0 ] || sudo -nl usermod >/dev/null`
	InstallDockerLine = `sh -c 'curl -fsSL https://get.docker.com || wget -O - https://get.docker.com || echo "exit 1"' | sh`
	IsRootLine        = `[ "${EUID:-$(id -u)}" -eq 0 ]`
	InDockerGroupLine = `id -nG "${USER:-$(id -un)}" | grep -qw docker`
	JoinDockerLine    = `sudo -n usermod -aG docker "${USER:-$(id -un)}"`
)

// LoginStdinLine is the login with the password on its input, so that no process
// shows it.
func LoginStdinLine(server, user string) string {
	words := []string{"docker", "login"}
	if server != "" {
		words = append(words, server)
	}
	return line(words, []string{"-u", Quote(user), "--password-stdin"})
}

// LogoutLine takes the login back.
func LogoutLine(server string) string {
	if server == "" {
		return "docker logout"
	}
	return "docker logout " + server
}
