package kamal

import "strconv"

// The lines about the proxy's container.
const (
	ProxyStartLine       = "docker container start kamal-proxy"
	ProxyStopLine        = "docker container stop kamal-proxy"
	ProxyVersionLine     = "docker inspect kamal-proxy --format '{{.Config.Image}}' | awk -F: '{print $NF}'"
	ProxyRemoveContainer = "docker container prune --force --filter label=org.opencontainers.image.title=kamal-proxy"
	ProxyRemoveImage     = "docker image prune --all --force --filter label=org.opencontainers.image.title=kamal-proxy"
	ProxyDetailsLine     = "docker ps --filter 'name=^kamal-proxy$'"
	AppsCountLine        = "ls .kamal/apps | wc -l"
	ProxyRemoveDirLine   = "rm -r .kamal/proxy"
)

// ProxyBootLine starts the proxy that is there, or runs one.
func ProxyBootLine(run string) string { return ProxyStartLine + " || " + run }

// ContainerLogs are the options of the logs of the proxy or an accessory.
type ContainerLogs struct {
	Since       string
	Lines       int // 0 = all
	Grep        string
	GrepOptions string // accessories only
	Timestamps  bool
	Follow      bool
}

// ProxyLogsLine shows the proxy's log.
func ProxyLogsLine(s ContainerLogs) string {
	if s.Follow {
		return s.grep("docker logs kamal-proxy"+s.timestamps()+" --tail 10 --follow 2>&1", `"`)
	}
	return s.grep("docker logs kamal-proxy"+s.window(" ")+s.timestamps()+" 2>&1", "'")
}

func (s ContainerLogs) window(space string) string {
	text := ""
	if s.Since != "" {
		text += space + "--since " + s.Since
	}
	if s.Lines > 0 {
		text += space + "--tail " + strconv.Itoa(s.Lines)
	}
	return text
}

func (s ContainerLogs) timestamps() string {
	if s.Timestamps {
		return " --timestamps"
	}
	return ""
}

func (s ContainerLogs) grep(logs, quote string) string {
	if s.Grep == "" {
		return logs
	}
	logs += " | grep " + quote + s.Grep + quote
	if s.GrepOptions != "" {
		logs += " " + s.GrepOptions
	}
	return logs
}
