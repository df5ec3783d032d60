package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// evidence prints what a host can tell about a failure.
const evidence = `exec 2>&1
echo "== containers"; docker ps --all --no-trunc
echo "== images"; docker images --digests
for c in $(docker ps --all --format '{{.Names}}'); do echo "== logs of $c"; docker logs --timestamps --tail 200 "$c"; done
echo "== proxy"; docker exec kamal-proxy kamal-proxy list
echo "== files"; find /root /home/deploy -path '*/.kamal*' -printf '%M %u %p %s\n'
echo "== audit"; cat /root/.kamal/*audit.log /home/deploy/.kamal/*audit.log
echo "== processes"; ps -eo pid,ppid,user,lstart,args
echo "== sshd"; tail -n 200 /var/log/sshd.log
echo "== dockerd"; tail -n 100 /var/log/dockerd.log
true`

// Collect writes what can be known about a failure into dir, a file per host
// and one each for the database and the registry's requests. It goes on where
// something can't be had and gives all such errors together.
func (l *Lab) Collect(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var failed []error
	keep := func(name, text string, err error) {
		if err == nil {
			err = writeFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("collect %s: %w", name, err))
		}
	}
	for _, h := range l.Hosts {
		text, err := h.Exec(ctx, evidence)
		keep(h.Name+".txt", text, err)
	}
	records, err := l.DB.Snapshot(ctx)
	keep("database.json", indented(records), err)
	requests, err := l.Registry.Requests(ctx)
	keep("registry.json", indented(requests), err)
	return errors.Join(failed...)
}

func indented(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil { // plain structs always marshal
		return err.Error()
	}
	return string(text) + "\n"
}
