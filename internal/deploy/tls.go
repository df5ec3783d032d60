package deploy

import (
	"path"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/run"
)

// certificateMode closes a certificate and its key to all but the proxy's
// process, which runs as a user of its own: 0600 where that user is the login's
// or can be made the owner; else 0640 with the proxy's group, since Kamal must be
// able to write the file again; else, and while there is no proxy yet, 0644 as
// Kamal leaves it. Arguments: the folder here, and in the proxy's container.
const certificateMode = `pid=$(docker inspect -f '{{.State.Pid}}' kamal-proxy 2>/dev/null)
id() { awk -v k="$1:" '$1 == k {print $2}' "/proc/${pid:-0}/status" 2>/dev/null; }
u=$(id Uid) me=$(command id -u)
if [ "$u" = 0 ] || { [ -n "$u" ] && [ "$u" = "$me" ]; }; then mode=600
elif [ -n "$u" ] && chown "$u" "$1/cert.pem" "$1/key.pem" 2>/dev/null; then mode=600
elif [ -n "$u" ] && docker exec -u 0 kamal-proxy chgrp "$(id Gid)" "$2/cert.pem" "$2/key.pem" 2>/dev/null; then mode=640
else mode=644; fi
chmod "$mode" "$1/cert.pem" "$1/key.pem"`

// certificateModeLine is the line for a role's folder below apps-config.
func certificateModeLine(dir string) string {
	_, below, _ := strings.Cut(dir, "apps-config/")
	return run.QuoteAll("sh", "-c", certificateMode, "sh", dir, path.Join("/home/kamal-proxy/.apps-config", below))
}
