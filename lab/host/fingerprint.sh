#!/bin/sh
# Prints all that a deploy may change on this host, in a stable order: the same
# text twice means that nothing was changed in between.
set -e
ask() { # KIND FORMAT IDS...: one sorted line for each
  kind=$1 format=$2; shift 2
  [ $# -eq 0 ] || docker "$kind" inspect --format "$format" "$@" | sort
}
echo "# containers"
ask container '{{.Id}} {{.Name}} {{.State.Status}} exit={{.State.ExitCode}} started={{.State.StartedAt}} pid={{.State.Pid}} restarts={{.RestartCount}} policy={{.HostConfig.RestartPolicy.Name}} image={{.Image}} {{.Config.Image}} labels={{json .Config.Labels}} networks={{range $n, $_ := .NetworkSettings.Networks}}{{$n}} {{end}}' $(docker ps -aq --no-trunc)
echo "# images"
ask image '{{.Id}} tags={{json .RepoTags}} digests={{json .RepoDigests}}' $(docker images -q --no-trunc | sort -u)
echo "# networks"
ask network '{{.Id}} {{.Name}} {{.Driver}} labels={{json .Labels}}' $(docker network ls -q --no-trunc)
echo "# volumes"
ask volume '{{.Name}} {{.Driver}} labels={{json .Labels}} created={{.CreatedAt}}' $(docker volume ls -q)
echo "# files"
tree() {
  [ -d "$1" ] || return 0
  find "$1" ! -type f -printf '%M %u:%g %y %p %l\n' | sort -k4
  find "$1" -type f -printf '%M %u:%g %y %p %s\n' | sort -k4
  find "$1" -type f -print0 | sort -z | xargs -0r sha256sum
}
tree /root
tree /home/deploy
tree /tmp
echo "# proxy"
tree /var/lib/docker/volumes/kamal-proxy-config/_data
echo "# logins"
for f in /root/.docker/config.json /home/deploy/.docker/config.json; do [ ! -f "$f" ] || cat "$f"; done
