#!/bin/bash
# The first program of a lab host: a real sshd and a real dockerd, side by side.
# The host ends when one of them ends, and stops both when it is told to.
#   LAB_KEY    public key that root and deploy accept
#   LAB_SUBNET addresses whose registries need no TLS
set -u

# Without --privileged these come read-only. "bind" changes the flag of this
# mount alone; a remount of a cgroup file system itself would be refused.
for m in /sys /sys/fs/cgroup /sys/fs/cgroup/*; do
  mountpoint -q "$m" && mount -o remount,bind,rw "$m"
done

# cgroup v2 gives controllers to children only of a group without processes.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/init
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/init/cgroup.procs; done < /sys/fs/cgroup/cgroup.procs 2>/dev/null
  sed 's/[^ ]\+/+&/g' /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
fi
mount --make-rshared /

# Each start is a boot of its own, as on a real server: /run is empty (a tmpfs)
# and the boot id is new, although containers share the machine's kernel.
mkdir -p /run/sshd /run/lab /etc/docker
cat /proc/sys/kernel/random/uuid > /run/lab/boot_id
mount --bind /run/lab/boot_id /proc/sys/kernel/random/boot_id

# One identity per host, made at its first start.
for type in ed25519 ecdsa; do
  key=/etc/ssh/ssh_host_${type}_key
  [ -f "$key" ] || ssh-keygen -q -t "$type" -N '' -C "$(hostname)" -f "$key"
done
printf '%s\n' "$LAB_KEY" > /etc/ssh/lab_authorized_keys
[ -f /etc/machine-id ] || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id

cat > /etc/docker/daemon.json <<JSON
{
  "storage-driver": "overlay2",
  "insecure-registries": ["$LAB_SUBNET"],
  "log-level": "warn"
}
JSON

dockerd > /var/log/dockerd.log 2>&1 &
dockerd=$!
/usr/sbin/sshd -D -E /var/log/sshd.log &
sshd=$!
stop() { kill -TERM "$dockerd" "$sshd" 2>/dev/null; wait "$dockerd"; exit 0; }
trap stop TERM INT

# The proxy's image is here before anyone asks: nothing can be pulled from outside.
(
  until docker version > /dev/null 2>&1; do sleep 0.1; done
  docker image inspect basecamp/kamal-proxy:v0.9.2 > /dev/null 2>&1 ||
    docker load --quiet --input /usr/local/share/lab/kamal-proxy.tar > /dev/null
  touch /run/lab/ready
) &

wait -n "$dockerd" "$sshd"
echo "lab-init: sshd ($sshd) or dockerd ($dockerd) ended; see /var/log" >&2
tail -n 5 /var/log/dockerd.log >&2
kill -TERM "$dockerd" "$sshd" 2>/dev/null
exit 1
