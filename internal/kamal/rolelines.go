package kamal

// FindLine gives the id of a version's container, in whatever state it is.
func (r Role) FindLine(version string) string {
	return "docker container ls --all --filter 'name=^" + r.Container(version) + "$' --quiet"
}

// VersionsLine gives the versions of the role's running containers.
func (r Role) VersionsLine() string {
	return "docker ps " + r.App.Filters(r.Name) + ` --format "{{.Names}}" | while read line; do echo ${line#` + r.Prefix() + "-}; done"
}

// StartLine starts a version's container as it is.
func (r Role) StartLine(version string) string { return "docker start " + r.Container(version) }

// StopLine stops a version's container; args are those of the stop timeout.
func (r Role) StopLine(version string, args []string) string {
	return r.FindLine(version) + " | " + line([]string{"xargs", "docker", "stop"}, args)
}

// StopCurrentLine stops the container that serves.
func (r Role) StopCurrentLine(latest string, args []string) string {
	return r.CurrentIDLine(latest) + " | " + line([]string{"xargs", "docker", "stop"}, args)
}

// StatusLine gives the health of a version's container, or its state when it has
// no health check.
func (r Role) StatusLine(version string) string {
	return r.FindLine(version) + " | xargs docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}'"
}

// HealthLogLine gives the log of a version's health check as JSON.
func (r Role) HealthLogLine(version string) string {
	return r.FindLine(version) + " | xargs docker inspect --format '{{json .State.Health}}'"
}

// BootLogsLine gives all that a version's container wrote.
func (r Role) BootLogsLine(version string) string {
	return r.FindLine(version) + " | xargs docker logs --timestamps 2>&1"
}

// RemoveContainersLine removes all stopped containers of the role.
func (r Role) RemoveContainersLine() string {
	return "docker container prune --force " + r.App.Filters(r.Name)
}

// RemoveImagesLine removes all images of the service that no container uses.
func (a App) RemoveImagesLine() string {
	return "docker image prune --all --force --filter label=service=" + a.Service
}

// RemoveAppDirLine removes the app's env files and assets.
func (a App) RemoveAppDirLine() string { return "rm -r " + a.AppDir() }

// RemoveProxyAppDirLine removes what the proxy reads of the app.
func (a App) RemoveProxyAppDirLine() string { return "rm -r " + a.ProxyAppDir() }

// ErrorPagesDirLine makes the folder of error pages.
func (a App) ErrorPagesDirLine() string { return "mkdir -p " + a.ProxyAppDir() + "/error_pages" }

// TLSDirLine makes the folder of a role's certificate.
func (a App) TLSDirLine(role string) string { return "mkdir -p " + a.TLSDir(role) }

// ResumeLine ends maintenance.
func (r Role) ResumeLine() string { return ProxyLine("resume", r.Prefix(), nil) }

// MaintenanceLine answers requests with 503; drain is in seconds, message "" =
// the proxy's own.
func (r Role) MaintenanceLine(drain, message string) string {
	options := []Pair{{Key: "drain-timeout", Value: Text(drain + "s")}}
	if message != "" {
		options = append(options, Pair{Key: "message", Value: Text(message)})
	}
	return ProxyLine("stop", r.Prefix(), options)
}

// ProxyRemoveLine takes the role's service off the proxy.
func (r Role) ProxyRemoveLine() string { return ProxyLine("remove", r.Prefix(), nil) }
