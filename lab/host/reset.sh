#!/bin/bash
# Makes this host as new: everything that deploys left is removed, the daemons
# keep running. Containers go first and all at once.
set -u
# Logins of the tests before and whatever they left running: all processes but
# the daemons and this one. Those of containers live in other pid namespaces.
ps -eo pid=,pidns=,comm= | awk -v mine="$(readlink /proc/self/ns/pid | tr -dc 0-9)" -v self=$$ -v caller=$PPID -v sshd="$(cat /run/sshd.pid)" '
  $2 == mine && $1 != 1 && $1 != self && $1 != caller && $1 != sshd && $3 !~ /^(lab-init|dockerd|docker-proxy|containerd.*|runc|ps|awk|mawk|xargs|docker-init)$/ { print $1 }
' | xargs -r kill -KILL 2>/dev/null

set -e
for try in 1 2 3; do # a container that is just ending by itself refuses once
  ids=$(docker ps -aq)
  [ -n "$ids" ] || break
  docker rm --force --volumes $ids > /dev/null || sleep 0.3
done
proxy=basecamp/kamal-proxy:v0.9.2 buildkit=moby/buildkit:buildx-stable-1
keep=$(docker image inspect --format '{{.Id}}' $proxy $buildkit 2>/dev/null || :)
foreign() { # the images to remove; the kept ones lose their other names
  docker image inspect --format '{{.Id}} {{range .RepoTags}}{{.}} {{end}}{{range .RepoDigests}}{{.}} {{end}}' $(docker images -q --no-trunc | sort -u) 2>/dev/null |
    while read -r id names; do
      case $keep in *"$id"*) ;; *) echo "$id"; continue ;; esac
      for n in $names; do # the last tag of a repository takes the digests along
        [ "$n" = $proxy ] || [ "$n" = $buildkit ] || docker image rm "$n" > /dev/null 2>&1 || :
      done
    done
}
for try in 1 2 3; do # one that another was made from goes only after it
  ids=$(foreign)
  [ -n "$ids" ] || break
  docker image rm --force $ids > /dev/null || [ $try -lt 3 ]
done
docker image inspect $proxy > /dev/null 2>&1 || docker load --quiet --input /usr/local/share/lab/kamal-proxy.tar > /dev/null
nets=$(docker network ls -q --filter type=custom)
[ -z "$nets" ] || docker network rm $nets > /dev/null
volumes=$(docker volume ls -q)
[ -z "$volumes" ] || docker volume rm $volumes > /dev/null
find /root /home/deploy -mindepth 1 -maxdepth 1 ! -name .bashrc ! -name .profile ! -name .bash_logout -exec rm -rf {} +
find /tmp -mindepth 1 -delete
