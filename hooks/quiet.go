package hooks

import (
	"fmt"
	"time"
)

// marker is the file inside a worker's container that says which process was
// told to be quiet: the start time of PID 1, which a revived process does not
// share.
const marker = "/tmp/hwdeploy-quiet"

// startTime prints when PID 1 started: field 22 of its stat, counted behind the
// name, which may hold blanks.
const startTime = `s() { read -r l </proc/1/stat; set -- ${l##*) }; shift 19; echo "$1"; }`

// Quiet is the argv that tells a worker to stop taking jobs. Run it detached: it
// stays for the limit and then ends the process that was told, if that still
// runs, so that a quiet never outlives its deploy by much. It needs nothing on
// the host and survives whoever started it. signal is without "SIG" ("TSTP").
func Quiet(signal string, limit time.Duration) []string {
	return []string{"sh", "-c", fmt.Sprintf(
		`%s; me=$(s); echo "$me" > %s; kill -%s 1; sleep %d; read -r m <%s && [ "$m" = "$me" ] && [ "$(s)" = "$me" ] && kill -TERM 1`,
		startTime, marker, signal, int(limit.Seconds()), marker)}
}

// IsQuiet is the argv that tells whether PID 1 was told to be quiet: exit 0, or 1
// when it takes jobs.
func IsQuiet() []string {
	return []string{"sh", "-c", startTime + `; read -r m 2>/dev/null <` + marker + ` && [ "$m" ] && [ "$m" = "$(s)" ] || exit 1`}
}

// Resume is the argv that ends a quieted process, so that the container's
// restart policy brings a fresh one. Never `docker kill`: it tells the engine
// that the stop was wanted.
func Resume() []string {
	return []string{"sh", "-c", "rm -f " + marker + "; kill -TERM 1"}
}
