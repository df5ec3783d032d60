package kamal

import "strconv"

// The lines about the proxy's container.
const (
	ProxyStartLine       = "docker container start kamal-proxy"
	ProxyStopLine        = "docker container stop kamal-proxy"
	ProxyRemoveContainer = "docker container prune --force --filter label=org.opencontainers.image.title=kamal-proxy"
	ProxyRemoveImage     = "docker image prune --all --force --filter label=org.opencontainers.image.title=kamal-proxy"
	ProxyDetailsLine     = "docker ps --filter 'name=^kamal-proxy$'"
	ProxyRemoveDirLine   = "rm -r .kamal/proxy"
)

// ProxyDropLine removes the proxy's container, also one that was never started or
// whose image lacks the label that Kamal's line goes by.
const ProxyDropLine = "docker container stop kamal-proxy >/dev/null 2>&1; docker container rm --force kamal-proxy >/dev/null 2>&1"

// ProxyFetchLine sees to it that an image is there; image may hold the shell's $( ).
func ProxyFetchLine(image string) string {
	return `{ image=` + image + `; docker image inspect "$image" >/dev/null 2>&1 || docker pull "$image"; }`
}

// ProxyMissingLine prints an image that is not there; image may hold the shell's $( ).
func ProxyMissingLine(image string) string {
	return `image=` + image + `; docker image inspect "$image" >/dev/null 2>&1 || echo "$image"`
}

// ProxyPathsLine fails, naming them, when files that the running proxy's routes
// name are gone: after a restart it would know none of its routes.
const ProxyPathsLine = `{ lost=$(docker exec kamal-proxy cat ` + ProxyStateFile + ` 2>/dev/null | tr ',' '\n' |` +
	` sed -n 's/.*"\(error_page_path\|tls_certificate_path\|tls_private_key_path\)": *"\([^"]\{1,\}\)".*/\2/p' | sort -u |` +
	` while read -r path; do test -e ".kamal/proxy/apps-config/${path#/home/kamal-proxy/.apps-config/}" || echo "$path"; done);` +
	` [ -z "$lost" ] || { echo "kamal-proxy would lose all its routes: $lost is gone; boot that app first" >&2; false; }; }`

// ProxyWaitLine lists what the proxy serves, once it answers, within ten seconds.
func ProxyWaitLine() string {
	return "n=0; until " + ProxyListLine() + " 2>/dev/null; do n=$((n + 1)); [ $n -lt 50 ] || exec " + ProxyListLine() + "; sleep 0.2; done"
}

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
		return s.grep("docker logs kamal-proxy"+s.timestamps()+s.window(" ")+" --follow 2>&1", `"`)
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
	logs += " | grep " + lineBuffered(s.Follow) + quote + s.Grep + quote
	if s.GrepOptions != "" {
		logs += " " + s.GrepOptions
	}
	return logs
}

// lineBuffered makes grep hand over each line at once. Kamal follows on a
// terminal, where grep does so by itself.
func lineBuffered(follow bool) string {
	if follow {
		return "--line-buffered "
	}
	return ""
}
